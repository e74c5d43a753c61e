package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** One of several answers that were decoded behind the same prompt. */
@JsonPersistable
public class AnswerReport {
    /** Seed of its sampler. */
    @JsonProperty public int seed;
    @JsonProperty public String text;
    /** What stands after the team's answer marker; empty when the marker is missing or the text is not whole. */
    @JsonProperty public String answer;
    /** {@code "stop"} or {@code "length"}. */
    @JsonProperty public String finish;
    @JsonProperty("decoded_tokens") public int decodedTokens;
    /** Calls of tools in this text, in order. */
    @JsonProperty("tool_calls") public List<ToolCallReport> toolCalls = new ArrayList<>();
}
