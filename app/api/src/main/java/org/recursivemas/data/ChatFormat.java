package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** How system and user message become one prompt text: {@code system} + {@code user} + {@code generation}. */
@JsonPersistable
public class ChatFormat {
    /** With {@code {system}}, e.g. {@code "<|im_start|>system\n{system}<|im_end|>\n"}. */
    @JsonProperty public String system;
    /** With {@code {user}}. */
    @JsonProperty public String user;
    /** The open reply header. */
    @JsonProperty public String generation;
}
