package org.recursivemas.tasks;

/** A story with a question, the plan that answers it, the worked solution and the answer. */
public final class StoryProblem {
    private final String question;
    private final OperationPlan plan;

    public StoryProblem(String question, OperationPlan plan) {
        this.question = question;
        this.plan = plan;
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

    public String answer() {
        return Integer.toString(plan.value());
    }
}
