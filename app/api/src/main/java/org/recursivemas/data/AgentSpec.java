package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** One agent of a team: a frozen model in a role. */
@JsonPersistable
public class AgentSpec {
    /** Unique in the team, e.g. {@code "planner"}. */
    @JsonProperty public String id;
    @JsonProperty public String title;
    /** Folder of the converted model (mlc-chat-config.json, tensor-cache.json), relative to the team file. */
    @JsonProperty public String model;
    /** The model library (.wasm), relative to the team file. */
    @JsonProperty public String library;
    /** Width of the model's hidden states; checked against the loaded model. */
    @JsonProperty("hidden_size") public int hiddenSize;
    /** Tokens of the KV cache; 0 takes what the model's configuration says, which may be more than a GPU holds. */
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    @JsonProperty("context_window") public int contextWindow;
    /** Steps of its rollouts, 0 to 80; null takes the run's. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonProperty("latent_steps") public Integer latentSteps;
    @JsonProperty public ChatFormat chat;
    /** System message. */
    @JsonProperty public String system;
    /**
     * User message. {@code {question}} stands for the problem; {@code {NAME}} for the slot of the hand-off with that slot name.
     */
    @JsonProperty public String user;
    /** User message from round 2 on, when feedback reaches this agent; null when it stays {@link #user}. */
    @JsonProperty("user_feedback") public String userFeedback;
    /** User message when this agent works alone (the single-agent baseline); only for the deciding agent. */
    @JsonProperty("user_alone") public String userAlone;
    /** Most tokens of one text this agent writes (hand-off in text mode, or the answer). */
    @JsonProperty("max_tokens") public int maxTokens;
}
