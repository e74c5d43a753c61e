package org.recursivemas.team;

import org.recursivemas.data.ChatFormat;

/** One validated agent: its prompts are cut, its settings checked. */
public final class PlannedAgent {
    private final String id;
    private final int hiddenSize;
    private final int maxTokens;
    private final ChatFormat chat;
    private final String system;
    private final PromptTemplate user;
    private final PromptTemplate later;
    private final PromptTemplate alone;
    private final Integer latentSteps;

    PlannedAgent(String id, int hiddenSize, int maxTokens, ChatFormat chat, String system, PromptTemplate user,
            PromptTemplate later, PromptTemplate alone, Integer latentSteps) {
        this.id = id;
        this.hiddenSize = hiddenSize;
        this.maxTokens = maxTokens;
        this.chat = chat;
        this.system = system;
        this.user = user;
        this.later = later;
        this.alone = alone;
        this.latentSteps = latentSteps;
    }

    public String id() {
        return id;
    }

    public int hiddenSize() {
        return hiddenSize;
    }

    /** Most tokens of one text this agent writes. */
    public int maxTokens() {
        return maxTokens;
    }

    /** How its messages are wrapped. */
    public ChatFormat chat() {
        return chat;
    }

    public String system() {
        return system;
    }

    /** The user message of a round (1-based): from round 2 on the one with the feedback slots, where there is one. */
    public PromptTemplate user(int round) {
        return round > 1 && later != null ? later : user;
    }

    /** The user message of the single-agent baseline, or null. */
    public PromptTemplate alone() {
        return alone;
    }

    /**
     * Steps of its rollouts: its own where the team file says so. A run of 0 steps is one in which nobody rolls out.
     *
     * @param ofRun the run's, 0 to {@link TeamPlan#MAX_LATENT_STEPS}
     */
    public int latentSteps(int ofRun) {
        return ofRun == 0 || latentSteps == null ? ofRun : latentSteps;
    }

    /** Whether the team file gives it steps of its own. */
    public boolean hasLatentSteps() {
        return latentSteps != null;
    }

    PlannedAgent withSystem(String other) {
        return new PlannedAgent(id, hiddenSize, maxTokens, chat, other, user, later, alone, latentSteps);
    }
}
