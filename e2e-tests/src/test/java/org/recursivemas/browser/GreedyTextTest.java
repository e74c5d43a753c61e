package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.tasks.StoryProblem;

/** Text that plain WebLLM writes at temperature 0, against the plain-Java twin, token by token. */
class GreedyTextTest {
    private static final int PROMPTS = 60;
    private static final int MAX_TOKENS = 64;

    private static BrowserSession session;
    private static PlainWebLlm webllm;
    private static Team team;

    @BeforeAll
    static void load() throws IOException {
        team = Site.team();
        session = new BrowserSession(Chromium.Gpu.CPU);
        webllm = new PlainWebLlm(session);
        for (AgentSpec agent : team.agents) {
            webllm.load(agent.id);
        }
    }

    @AfterAll
    static void close() {
        webllm.close();
        session.close();
    }

    @Test
    void sixtyGreedyTextsAreTheTwins() {
        Twins twins = new Twins();
        List<StoryProblem> problems = Prompts.problems(21, PROMPTS);
        int tokens = 0;
        long started = System.nanoTime();
        for (int i = 0; i < PROMPTS; i++) {
            AgentSpec agent = team.agents.get(i % team.agents.size());
            String prompt = Prompts.rendered(agent, problems.get(i));
            int[] ids = webllm.tokenize(agent.id, prompt);
            webllm.complete(agent.id, Map.of("prompt", prompt, "temperature", 0, "max_tokens", MAX_TOKENS));
            int[] actual = webllm.outputIds(agent.id);
            int[] expected = twins.greedy(agent.id, ids, MAX_TOKENS, webllm.stopTokenIds(agent.id),
                    Twins.LogitChange.NONE);
            assertArrayEquals(expected, actual, agent.id + ", problem " + i + ": " + problems.get(i).question());
            tokens += actual.length;
        }
        assertTrue(tokens > 2 * PROMPTS, "only " + tokens + " tokens were compared");
        System.out.printf("greedy text: %d prompts, %d tokens identical, %.1f s%n", PROMPTS, tokens,
                (System.nanoTime() - started) / 1e9);
    }
}
