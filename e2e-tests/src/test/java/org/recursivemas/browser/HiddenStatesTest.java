package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.twin.TwinState;
import org.recursivemas.tasks.StoryProblem;

/** What the model libraries compute in the browser, against the plain-Java twin. */
class HiddenStatesTest {
    private static final double TOLERANCE = 1e-3;
    /** Positions fed one by one after the prompt. */
    private static final int SINGLE = 6;

    private static BrowserSession session;
    private static PlainWebLlm webllm;
    private static Team team;
    private static final Twins TWINS = new Twins();

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
    void hiddenStatesEqualTheTwins() {
        for (AgentSpec agent : team.agents) {
            double worst = 0;
            for (StoryProblem problem : Prompts.problems(11, 3)) {
                int[] ids = webllm.tokenize(agent.id, Prompts.rendered(agent, problem));
                int[] prompt = Arrays.copyOf(ids, ids.length - SINGLE);
                int[] more = Arrays.copyOfRange(ids, ids.length - SINGLE, ids.length);
                List<PlainWebLlm.Tensor> actual = webllm.hidden(agent.id, prompt, more);
                float[][] expected = TWINS.fresh(agent.id).hidden(ids);

                assertEquals(List.of(1, prompt.length, agent.hiddenSize), actual.get(0).shape());
                for (int i = 0; i < prompt.length; i++) {
                    worst = worse(worst, Twins.relativeError(actual.get(0).values(), i * agent.hiddenSize, expected[i]));
                }
                for (int i = 0; i < SINGLE; i++) {
                    assertEquals(List.of(1, 1, agent.hiddenSize), actual.get(1 + i).shape());
                    worst = worse(worst,
                            Twins.relativeError(actual.get(1 + i).values(), 0, expected[prompt.length + i]));
                }
            }
            System.out.printf("hidden states of %s: worst relative error %.2e%n", agent.id, worst);
            assertTrue(worst <= TOLERANCE, agent.id + ": hidden states differ by " + worst);
        }
    }

    @Test
    void logitsEqualTheTwins() {
        for (AgentSpec agent : team.agents) {
            double worst = 0;
            for (StoryProblem problem : Prompts.problems(12, 3)) {
                int[] ids = webllm.tokenize(agent.id, Prompts.rendered(agent, problem));
                int[] prompt = Arrays.copyOf(ids, ids.length - SINGLE);
                int[] more = Arrays.copyOfRange(ids, ids.length - SINGLE, ids.length);
                List<PlainWebLlm.Tensor> actual = webllm.logits(agent.id, prompt, more);
                TwinState twin = TWINS.fresh(agent.id);
                float[][] hidden = twin.hidden(ids);
                for (int i = 0; i < actual.size(); i++) {
                    float[] expected = twin.weights().logits(hidden[prompt.length - 1 + i]);
                    assertEquals(List.of(1, 1, expected.length), actual.get(i).shape());
                    worst = worse(worst, Twins.relativeError(actual.get(i).values(), 0, expected));
                }
            }
            System.out.printf("logits of %s: worst relative error %.2e%n", agent.id, worst);
            assertTrue(worst <= TOLERANCE, agent.id + ": logits differ by " + worst);
        }
    }

    @Test
    void theSameInputGivesTheSameBits() {
        AgentSpec agent = team.agents.get(0);
        int[] ids = webllm.tokenize(agent.id, Prompts.rendered(agent, Prompts.problems(13, 1).get(0)));
        float[] first = webllm.hidden(agent.id, ids, new int[0]).get(0).values();
        float[] second = webllm.hidden(agent.id, ids, new int[0]).get(0).values();
        assertArrayEquals(first, second);
    }

    /** The larger one; NaN wins. */
    private static double worse(double a, double b) {
        return Math.max(a, b);
    }
}
