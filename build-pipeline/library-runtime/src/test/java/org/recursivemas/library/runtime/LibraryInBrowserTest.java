package org.recursivemas.library.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.library.link.LibraryLinker;

/** The unmodified web-llm engine chats with a library made of the runtime and the plan of {@link TinyModel}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LibraryInBrowserTest {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";
    /** Twelve signs spread over three chunks: only all of them together change the answer. */
    private static final String LONG = "#....".repeat(12);

    private EnginePage page;

    @BeforeAll
    void loadEngine(@TempDir Path folder) throws IOException {
        TinyModel.writeModel(folder.resolve("tiny"));
        TinyModel.writeModel(folder.resolve("other"), TinyModel.V - 1);
        LibraryLinker.link(TinyModel.plan(), folder.resolve("tiny.wasm"));
        Files.write(folder.resolve("unlinked.wasm"), LibraryLinker.runtime());
        page = new EnginePage(folder);
        try {
            page.run("window.engine = await load('tiny', 'tiny');");
        } catch (RuntimeException e) {
            throw new AssertionError("reload failed; the console says:\n" + page.log(), e);
        }
    }

    @AfterAll
    void close() {
        if (page != null) {
            page.close();
        }
    }

    private String ask(String content, String options) {
        return (String) page.run("return (await ask(engine, arg, " + options + ")).choices[0].message.content;",
                content);
    }

    @Test
    void chatAnswersAsComputedInJava() {
        assertEquals(ALPHABET, TinyModel.answer(TinyModel.prompt("x"), 100));
        assertEquals(ALPHABET, ask("x", "{}"));
    }

    @Test
    void streamedPiecesAreTheSameAnswer() {
        assertEquals(ALPHABET, page.run("""
                let text = '';
                let pieces = 0;
                for await (const chunk of await ask(engine, 'x', { stream: true })) {
                    text += chunk.choices[0]?.delta?.content ?? '';
                    ++pieces;
                }
                return pieces > 10 ? text : `only ${pieces} pieces`;"""));
    }

    @Test
    void promptsLongerThanAChunkAreUnderstoodAsAWhole() {
        List<Integer> prompt = TinyModel.prompt(LONG);
        assertTrue(prompt.size() > 3 * TinyModel.CHUNK);
        assertEquals("qrstuvwxyz", TinyModel.answer(prompt, 100));
        assertEquals("qrstuvwxyz", ask(LONG, "{}"));
    }

    @Test
    void aSecondTurnKnowsTheFirst() {
        String answer = (String) page.run("""
                const messages = [{ role: 'user', content: arg }];
                const first = await engine.chat.completions.create({ messages, temperature: 0 });
                const before = number(engine, 'recursivemas.dispatches');
                messages.push(first.choices[0].message, { role: 'user', content: 'x' });
                const second = await engine.chat.completions.create({ messages, temperature: 0 });
                return second.choices[0].message.content + ' ' + second.usage.prompt_tokens;""", LONG);
        List<Integer> context = TinyModel.prompt(LONG, "qrstuvwxyz", "x");
        String expected = TinyModel.answer(context, 100);
        assertNotEquals(ALPHABET, expected);
        // the cache is kept: of the second prompt only what is new was read
        int read = context.size() - TinyModel.prompt(LONG).size() - "qrstuvwxyz".length();
        assertEquals(expected + " " + read, answer);
    }

    @Test
    void logitBiasChangesTheChoice() {
        String expected = TinyModel.answer(TinyModel.prompt("x"), 100, Map.of((int) 'B', 5.0), 0, 0);
        assertTrue(expected.startsWith("aBc"));
        assertEquals(expected, ask("x", "{ logit_bias: { 66: 5 } }"));
    }

    @Test
    void anEmptyLogitBiasChangesNothing() {
        assertEquals(ALPHABET, ask("x", "{ logit_bias: {} }"));
    }

    @Test
    void presenceAndFrequencyPenaltiesCountTheAnswer() {
        Map<Integer, Double> bias = Map.of((int) 'a', 50.3);
        String expected = TinyModel.answer(TinyModel.prompt("x"), 12, bias, 0.4, 1.3);
        assertNotEquals(TinyModel.answer(TinyModel.prompt("x"), 12, bias, 0, 0), expected);
        assertEquals(expected, ask("x",
                "{ logit_bias: { 97: 50.3 }, presence_penalty: 0.4, frequency_penalty: 1.3, max_tokens: 12 }"));
    }

    @Test
    void logprobsAreThoseOfTheSoftmax() {
        double[] logits = TinyModel.logits(TinyModel.prompt("x"));
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit);
        }
        Object found = page.run("""
                const reply = await ask(engine, 'x',
                    { temperature: 1, logprobs: true, top_logprobs: 1, max_tokens: 1 });
                const top = reply.choices[0].logprobs.content[0].top_logprobs[0];
                return [top.token, top.logprob];""");
        List<?> top = (List<?>) found;
        assertEquals("a", top.get(0));
        assertEquals(logits['a'] - Math.log(sum), ((Number) top.get(1)).doubleValue(), 1e-4);
    }

    @Test
    void theSeedDecidesTheSample() {
        String options = "{ temperature: 8, top_p: 0.95, max_tokens: 16, seed: %d }";
        String first = ask("x", options.formatted(7));
        assertEquals(first, ask("x", options.formatted(7)));
        assertNotEquals(first, ask("x", options.formatted(8)));
    }

    @Test
    void aJsonSchemaIsObeyed() {
        String text = ask("x", """
                { max_tokens: 60, response_format: { type: 'json_object', schema: JSON.stringify({ type: 'object',
                properties: { count: { type: 'boolean' } }, required: ['count'], additionalProperties: false }) } }""");
        assertTrue(text.matches("\\{\\s*\"count\"\\s*:\\s*(true|false)\\s*}"), text);
    }

    @Test
    void aPromptBeyondTheContextIsRefused() {
        String message = (String) page.run("return messageOf(ask(engine, 'x'.repeat(400), {}));");
        assertTrue(message.contains("context window"), message);
        assertEquals(ALPHABET, ask("x", "{}"));
    }

    @Test
    void anAnswerEndsAtTheContextsEnd() {
        Object reason = page.run("""
                const reply = await ask(engine, 'x'.repeat(250), { logit_bias: { 97: 100 } });
                return reply.choices[0].finish_reason;""");
        assertEquals("length", reason);
    }

    @Test
    void resetBeginsAnew() {
        ask(LONG, "{}");
        page.run("await engine.resetChat();");
        assertEquals(ALPHABET, ask("x", "{}"));
    }

    @Test
    void unloadAndReloadWork() {
        assertEquals(ALPHABET, page.run("""
                const engine = await load('tiny', 'tiny');
                await engine.unload();
                await engine.reload('tiny');
                const answer = (await ask(engine, 'x', {})).choices[0].message.content;
                await engine.unload();
                return answer;"""));
    }

    @Test
    void nothingIsLeftBehindByARequest() {
        Object counts = page.run("""
                const seen = [];
                for (let i = 0; i < 6; ++i) {
                    await ask(engine, i % 2 ? 'x' : arg, { presence_penalty: 0.1, frequency_penalty: 0.1,
                        logit_bias: { 98: 0.1 }, logprobs: true, top_logprobs: 1 });
                    seen.push(['live_objects', 'heap_bytes', 'gpu_buffers'].map(
                        (name) => number(engine, `recursivemas.${name}`)).join(' '));
                }
                return seen;""", LONG);
        List<?> seen = (List<?>) counts;
        assertEquals(seen.get(2), seen.get(4), seen.toString());
        assertEquals(seen.get(3), seen.get(5), seen.toString());
    }

    @Test
    void weightsOfAnotherModelAreNamed() {
        String message = (String) page.run("return messageOf(load('other', 'tiny'));");
        assertTrue(message.contains("wrong library for the weights: parameter head.weight should be float32 [259,259]"
                + " (268324 bytes), the weights have float32 [258,259]"), message);
    }

    @Test
    void aSlidingWindowIsRefusedWithTheReason() {
        String message = (String) page.run("""
                return messageOf(load('tiny', 'tiny',
                    { sliding_window_size: 64, context_window_size: -1, attention_sink_size: 0 }));""");
        assertTrue(message.contains("sliding window is not supported by this library"), message);
    }

    @Test
    void aRuntimeWithoutAPlanIsRefused() {
        String message = (String) page.run("return messageOf(load('tiny', 'unlinked'));");
        assertTrue(message.contains("this is not a linked model library"), message);
    }
}
