package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.tasks.StoryProblem;

/** Every agent is an ordinary WebLLM model: what WebLLM's own interface offers works with it. */
class AgentChatTest {
    private static final int MAX_TOKENS = 40;

    private static BrowserSession session;
    private static PlainWebLlm webllm;
    private static Team team;
    private static final Twins TWINS = new Twins();
    private static final StoryProblem PROBLEM = Prompts.problems(31, 1).get(0);

    @BeforeAll
    static void load() throws IOException {
        team = Site.team();
        session = new BrowserSession(Chromium.Gpu.CPU);
        webllm = new PlainWebLlm(session);
        for (AgentSpec agent : team.agents) {
            List<Number> progress = webllm.load(agent.id);
            assertEquals(1, progress.get(progress.size() - 1).doubleValue(), agent.id + " was not loaded to its end");
        }
    }

    @AfterAll
    static void close() {
        webllm.close();
        session.close();
    }

    @AfterEach
    void nothingWasReportedToTheConsole() {
        assertEquals(List.of(), webllm.errors());
    }

    @Test
    void streamedAndWholeRepliesAreTheSame() {
        for (AgentSpec agent : team.agents) {
            Map<String, Object> request = request(agent);
            webllm.resetChat(agent.id);
            Map<String, Object> whole = webllm.chat(agent.id, request);
            webllm.resetChat(agent.id);
            Map<String, Object> streamed = webllm.stream(agent.id, request);
            assertEquals(text(whole), streamed.get("text"), agent.id);
            assertEquals(choice(whole).get("finish_reason"), streamed.get("finish"), agent.id);
            assertTrue(((Number) streamed.get("pieces")).intValue() > 1, agent.id + " did not stream");
            Map<?, ?> usage = (Map<?, ?>) whole.get("usage");
            int expected = webllm.tokenize(agent.id, Prompts.rendered(agent, PROBLEM)).length;
            assertEquals(expected, ((Number) usage.get("prompt_tokens")).intValue(),
                    agent.id + ": WebLLM's template is not the team's");
        }
    }

    @Test
    void theSameSeedGivesTheSameText() {
        AgentSpec agent = team.agents.get(0);
        Map<String, Object> request = request(agent);
        // Without the token that it is sure of, the agent is undecided.
        fresh(agent, request);
        request.put("logit_bias", Map.of(Integer.toString(webllm.outputIds(agent.id)[0]), -100));
        request.put("temperature", 2);
        request.put("top_p", 1);
        Set<String> texts = new HashSet<>();
        // Far apart: the first numbers that WebLLM's generator makes of small seeds are all close to 0.
        for (int seed : new int[] {123_456_789, 987_654_321, 555_555_555, 1_111_111_111}) {
            request.put("seed", seed);
            String first = fresh(agent, request);
            assertEquals(first, fresh(agent, request), "seed " + seed);
            texts.add(first);
        }
        assertTrue(texts.size() > 1, "four seeds gave one text at temperature 2: " + texts);
    }

    @Test
    void penaltiesChangeLogitsAsSpecified() {
        AgentSpec agent = team.agents.get(team.agents.size() - 1);
        String prompt = Prompts.rendered(agent, PROBLEM);
        double presence = 1.5;
        double frequency = 1.9;
        webllm.complete(agent.id, Map.of("prompt", prompt, "temperature", 0, "max_tokens", MAX_TOKENS,
                "presence_penalty", presence, "frequency_penalty", frequency));
        int[] expected = TWINS.greedy(agent.id, webllm.tokenize(agent.id, prompt), MAX_TOKENS,
                webllm.stopTokenIds(agent.id), (logits, decoded) -> {
                    Map<Integer, Integer> counts = new HashMap<>();
                    decoded.forEach(token -> counts.merge(token, 1, Integer::sum));
                    counts.forEach((token, count) -> logits[token] -= (float) (presence + count * frequency));
                });
        assertArrayEquals(expected, webllm.outputIds(agent.id));
    }

    @Test
    void aForbiddenTokenIsNotWritten() {
        AgentSpec agent = team.agents.get(0);
        String prompt = Prompts.rendered(agent, PROBLEM);
        webllm.complete(agent.id, Map.of("prompt", prompt, "temperature", 0, "max_tokens", MAX_TOKENS));
        int forbidden = webllm.outputIds(agent.id)[0];
        webllm.complete(agent.id, Map.of("prompt", prompt, "temperature", 0, "max_tokens", MAX_TOKENS,
                "logit_bias", Map.of(Integer.toString(forbidden), -100)));
        int[] actual = webllm.outputIds(agent.id);
        assertTrue(Arrays.stream(actual).noneMatch(token -> token == forbidden), Arrays.toString(actual));
        assertArrayEquals(TWINS.greedy(agent.id, webllm.tokenize(agent.id, prompt), MAX_TOKENS,
                webllm.stopTokenIds(agent.id), (logits, decoded) -> logits[forbidden] -= 100), actual);
    }

    @Test
    void logProbabilitiesAreTheTwins() {
        AgentSpec agent = team.agents.get(0);
        String prompt = Prompts.rendered(agent, PROBLEM);
        Map<String, Object> request = request(agent);
        request.put("logprobs", true);
        request.put("top_logprobs", 3);
        request.put("temperature", 1);
        request.put("max_tokens", 1);
        webllm.resetChat(agent.id);
        Map<?, ?> logprobs = (Map<?, ?>) choice(webllm.chat(agent.id, request)).get("logprobs");
        List<?> best = (List<?>) ((Map<?, ?>) ((List<?>) logprobs.get("content")).get(0)).get("top_logprobs");
        assertEquals(3, best.size());

        float[][] hidden = TWINS.fresh(agent.id).hidden(webllm.tokenize(agent.id, prompt));
        float[] logits = TWINS.fresh(agent.id).weights().logits(hidden[hidden.length - 1]);
        double largest = logits[Twins.largest(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        assertEquals(-Math.log(sum), ((Number) ((Map<?, ?>) best.get(0)).get("logprob")).doubleValue(), 1e-3);
    }

    @Test
    void aStopStringEndsTheReplyBeforeIt() {
        AgentSpec agent = team.agents.get(0);
        String whole = fresh(agent, request(agent));
        String stop = whole.substring(2, 4);
        Map<String, Object> request = request(agent);
        request.put("stop", List.of(stop));
        webllm.resetChat(agent.id);
        Map<String, Object> reply = webllm.chat(agent.id, request);
        assertEquals(whole.substring(0, whole.indexOf(stop)), text(reply));
        assertEquals("stop", choice(reply).get("finish_reason"));
    }

    @Test
    void aReplyCanBeBoundToJson() {
        for (AgentSpec agent : team.agents) {
            Map<String, Object> request = request(agent);
            request.put("response_format", Map.of("type", "json_object", "schema",
                    "{\"type\": \"object\", \"properties\": {\"n\": {\"type\": \"integer\"}}, \"required\": [\"n\"]}"));
            String text = fresh(agent, request);
            assertTrue(text.startsWith("{"), agent.id + ": " + text);
            assertTrue(beginsJson(text), agent.id + ": " + text);
        }
    }

    @Test
    void aReplyCanBeBoundToAGrammar() {
        for (AgentSpec agent : team.agents) {
            Map<String, Object> request = request(agent);
            request.put("response_format", Map.of("type", "grammar", "grammar",
                    "root ::= \"{\\\"sure\\\":\" (\"true\" | \"false\") \",\\\"n\\\":\" [1-4] \"}\""));
            String text = fresh(agent, request);
            assertTrue(text.matches("\\{\"sure\":(true|false),\"n\":[1-4]}"), agent.id + ": " + text);
        }
    }

    /** Whether the text is JSON, or the beginning of some. */
    private static boolean beginsJson(String text) {
        try {
            return new ObjectMapper().readTree(text) != null;
        } catch (JsonEOFException e) {
            return true; // cut off by the limit of tokens, right up to there
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    @Test
    void aConversationGoesOn() {
        AgentSpec agent = team.agents.get(0);
        Map<String, Object> request = request(agent);
        webllm.resetChat(agent.id);
        String first = text(webllm.chat(agent.id, request));
        List<Map<String, String>> messages = new ArrayList<>(messages(agent));
        messages.add(Map.of("role", "assistant", "content", first));
        messages.add(Map.of("role", "user", "content", Prompts.problems(32, 1).get(0).question()));
        request.put("messages", messages);
        Map<String, Object> second = webllm.chat(agent.id, request);
        assertTrue(webllm.outputIds(agent.id).length > 0);
        int continued = ((Number) ((Map<?, ?>) second.get("usage")).get("prompt_tokens")).intValue();

        webllm.resetChat(agent.id);
        Map<String, Object> again = webllm.chat(agent.id, request);
        int whole = ((Number) ((Map<?, ?>) again.get("usage")).get("prompt_tokens")).intValue();
        assertTrue(continued < whole, "the second turn read " + continued + " of " + whole + " tokens");
    }

    @Test
    void aPromptLongerThanThePrefillChunkIsRead() {
        for (AgentSpec agent : team.agents) {
            StringBuilder prompt = new StringBuilder(Prompts.rendered(agent, PROBLEM));
            int[] ids = webllm.tokenize(agent.id, prompt.toString());
            int chunk = webllm.prefillChunkSize(agent.id);
            int context = webllm.contextWindowSize(agent.id);
            assertTrue(chunk + 24 < context, "no room for a prompt longer than the chunk: " + chunk + ", " + context);
            while (ids.length <= chunk) {
                prompt.insert(0, "12 ");
                ids = webllm.tokenize(agent.id, prompt.toString());
            }
            webllm.complete(agent.id, Map.of("prompt", prompt.toString(), "temperature", 0, "max_tokens", 8));
            assertArrayEquals(TWINS.greedy(agent.id, ids, 8, webllm.stopTokenIds(agent.id), Twins.LogitChange.NONE),
                    webllm.outputIds(agent.id), agent.id);
        }
    }

    @Test
    void aPromptLongerThanTheContextIsAnErrorAndTheNextOneWorks() {
        AgentSpec agent = team.agents.get(0);
        String before = fresh(agent, request(agent));
        Map<String, Object> request = request(agent);
        request.put("messages", List.of(Map.of("role", "user", "content",
                "1 ".repeat(webllm.contextWindowSize(agent.id)))));
        String error = webllm.chatError(agent.id, request);
        assertNotNull(error, "a prompt longer than the context window was accepted");
        assertTrue(error.startsWith("ContextWindowSizeExceededError"), error);
        assertEquals(before, fresh(agent, request(agent)));
    }

    @Test
    void anUnloadedModelCanBeLoadedAgain() {
        AgentSpec agent = team.agents.get(team.agents.size() - 1);
        String before = fresh(agent, request(agent));
        assertNotEquals("", before);
        webllm.unload(agent.id);
        webllm.load(agent.id);
        assertEquals(before, fresh(agent, request(agent)));
    }

    private static List<Map<String, String>> messages(AgentSpec agent) {
        return List.of(Map.of("role", "system", "content", agent.system),
                Map.of("role", "user", "content", Prompts.user(agent, PROBLEM)));
    }

    private static Map<String, Object> request(AgentSpec agent) {
        Map<String, Object> request = new HashMap<>();
        request.put("messages", messages(agent));
        request.put("temperature", 0);
        request.put("max_tokens", MAX_TOKENS);
        return request;
    }

    private static String fresh(AgentSpec agent, Map<String, Object> request) {
        webllm.resetChat(agent.id);
        return text(webllm.chat(agent.id, request));
    }

    private static Map<?, ?> choice(Map<String, Object> reply) {
        return (Map<?, ?>) ((List<?>) reply.get("choices")).get(0);
    }

    private static String text(Map<String, Object> reply) {
        return (String) ((Map<?, ?>) choice(reply).get("message")).get("content");
    }
}
