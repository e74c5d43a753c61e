package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** One block of latents [m, width]: the hidden states of a rollout, the same behind the inner link, or a message. */
@JsonPersistable
public class InsideBlock {
    /** {@link #kind}: states after the final norm. */
    public static final String HIDDEN = "hidden";
    /** {@link #kind}: what the inner link made of them, fed back as input embeddings of the same agent. */
    public static final String LINKED = "linked";
    /** {@link #kind}: what an outer link made of {@link #LINKED}, input embeddings of the reader. */
    public static final String MESSAGE = "message";

    @JsonProperty public String agent;
    /** 1-based. */
    @JsonProperty public int round;
    @JsonProperty public String kind;
    /** Agent in whose vocabulary the vectors are read: the reader of a message, otherwise {@link #agent}. */
    @JsonProperty public String reader;
    /** L2 norm of each row [m]. */
    @JsonProperty public double[] norms = {};
    /** Cosine of each row with the one before it [m - 1]; 0 where a row is 0. */
    @JsonProperty("step_cosines") public double[] stepCosines = {};
    /** Cosine of each row with the same row of the round before [m]; empty in the first round. */
    @JsonProperty("round_cosines") public double[] roundCosines = {};
    /** Coordinate of each row on the first principal component of all rounds' rows of this kind [m]. */
    @JsonProperty("path_x") public double[] pathX = {};
    /** The same on the second component [m]. */
    @JsonProperty("path_y") public double[] pathY = {};
    /** Share of the variance that each of the two components has, 0 to 1 [2]. */
    @JsonProperty public double[] explained = {};
    /**
     * Root mean square of the norms of the reader's token embeddings; 0 where its engine shows none. Inputs of that
     * size are what the reader was trained on.
     */
    @JsonProperty("embedding_norm") public double embeddingNorm;
    /** Nearest tokens of each row [m]; empty where the reader's engine shows no vocabulary. */
    @JsonProperty public List<InsideTokens> tokens = new ArrayList<>();
    /** All rows nearly the same direction: the steps carry one vector. */
    @JsonProperty public boolean collapsed;
    /** The mean norm is more than 10 times, or less than a tenth of, {@link #embeddingNorm} (never of hidden states). */
    @JsonProperty("far_norm") public boolean farNorm;
}
