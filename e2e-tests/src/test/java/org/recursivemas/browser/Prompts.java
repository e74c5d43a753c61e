package org.recursivemas.browser;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;

/** Prompts as the team's agents get them in text hand-offs, made from held-out problems. */
final class Prompts {
    private Prompts() {
    }

    /** The first {@code count} held-out problems of the seed. */
    static List<StoryProblem> problems(long seed, int count) {
        StoryProblemGenerator generator = new StoryProblemGenerator(seed, TaskSplit.HELD_OUT);
        List<StoryProblem> problems = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            problems.add(generator.next());
        }
        return problems;
    }

    /** The agent's user message with the problem and, in every slot, the problem's plan. */
    static String user(AgentSpec agent, StoryProblem problem) {
        return agent.user.replace("{question}", problem.question()).replaceAll("\\{[a-z_]+}", problem.plan().text());
    }

    /** The whole prompt text: system, user and the open reply header. */
    static String rendered(AgentSpec agent, StoryProblem problem) {
        return agent.chat.system.replace("{system}", agent.system)
                + agent.chat.user.replace("{user}", user(agent, problem)) + agent.chat.generation;
    }
}
