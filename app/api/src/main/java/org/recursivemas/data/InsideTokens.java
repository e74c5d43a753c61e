package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** The tokens nearest to one latent vector, best first. */
@JsonPersistable
public class InsideTokens {
    /** What each is written as; special tokens as {@code <id>}. */
    @JsonProperty public List<String> texts = new ArrayList<>();
    /** Dot product with the token's embedding for hidden states, cosine otherwise. */
    @JsonProperty public double[] scores = {};
}
