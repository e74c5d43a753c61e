package org.recursivemas.tasks;

/** A story with a question, the plan that answers it, the worked solution and the answer. */
public final class StoryProblem {
    private final String question;
    private final OperationPlan plan;
    private final String things;

    /** @param things what the story counts, plural */
    public StoryProblem(String question, OperationPlan plan, String things) {
        this.question = question;
        this.plan = plan;
        this.things = things;
    }

    /** The story and its question, one line of English. */
    public String question() {
        return question;
    }

    public OperationPlan plan() {
        return plan;
    }

    /** Worked steps, then {@code "Answer: "} and the answer. */
    public String solution() {
        return plan.solution();
    }

    /** What the story counts, plural. */
    public String things() {
        return things;
    }

    /** {@code worked}, a plan for this story, as a tool caller works it out: see {@link OperationPlan#toolSolution}. */
    public String toolSolution(OperationPlan worked) {
        return worked.toolSolution(Prices.query(things), Prices.sentence(things, Prices.of(things)));
    }

    public String answer() {
        return Integer.toString(plan.value());
    }
}
