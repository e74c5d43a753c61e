package org.recursivemas.bridge.models;

import static org.recursivemas.bridge.page.PageCases.check;
import static org.recursivemas.bridge.page.PageCases.thrown;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.LoadCancelledException;
import org.recursivemas.bridge.MishapCases;
import org.recursivemas.bridge.ModelSource;
import org.recursivemas.bridge.WebLlm;
import org.recursivemas.bridge.WebLlmLoader;
import org.recursivemas.bridge.WebLlmModel;
import org.recursivemas.bridge.page.PageCases;
import org.recursivemas.bridge.page.RandomLinks;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.StopSwitch;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;
import org.teavm.jso.browser.Performance;
import org.teavm.jso.browser.Window;

/** The bridge on the real WebLLM with models made by the pipeline. */
public final class ModelPage {
    private static final String HELLO = "<|im_start|>user\nHello there, how are you?<|im_end|>\n"
            + "<|im_start|>assistant\n";
    /** Largest difference between a model on WebLLM and its twin, relative to the row's root mean square. */
    public static final double TWIN_TOLERANCE = 1e-3;
    private static WebLlm webLlm;
    private static WebLlmModel small;
    private static WebLlmModel wide;
    private static LatentScenario scenario;

    private ModelPage() {
    }

    public static void main(String[] args) {
        new PageCases()
                .add("wrongScriptIsNamed", ModelPage::wrongScriptIsNamed)
                .add("modelsLoad", ModelPage::modelsLoad)
                .add("tokensRoundTrip", ModelPage::tokensRoundTrip)
                .add("latentsRoundTrip", ModelPage::latentsRoundTrip)
                .add("linkTakesMoreRowsThanBefore", ModelPage::linkTakesMoreRowsThanBefore)
                .add("scenario", ModelPage::scenario)
                .add("nothingIsReadBeforeTheFirstToken", ModelPage::nothingIsReadBeforeTheFirstToken)
                .add("nothingLeaks", ModelPage::nothingLeaks)
                .add("samplingFollowsTheSeed", ModelPage::samplingFollowsTheSeed)
                .add("generationStops", ModelPage::generationStops)
                .add("misuseIsNamed", ModelPage::misuseIsNamed)
                .add("infiniteLatentsAreSeen", ModelPage::infiniteLatentsAreSeen)
                .add("stockNamesWork", ModelPage::stockNamesWork)
                .add("libraryWithoutHiddenStatesChats", ModelPage::libraryWithoutHiddenStatesChats)
                .add("quantizedModel", ModelPage::quantizedModel)
                .add("brokenFilesAreNamed", ModelPage::brokenFilesAreNamed)
                .add("loadCanBeStopped", ModelPage::loadCanBeStopped)
                .add("unloadedModelReloads", ModelPage::unloadedModelReloads)
                .add("fullMemoryAndDiskAreNamed", ModelPage::fullMemoryAndDiskAreNamed)
                .add("speed", ModelPage::speed)
                .add("everythingCloses", ModelPage::everythingCloses)
                .install();
    }

    private static String url(String path) {
        return Window.current().getLocation().getFullURL().replace("index.html", path);
    }

    private static ModelSource source(String id, String model, String library) {
        return new ModelSource(id, url("models/" + model), url("models/" + library + ".wasm"), 0);
    }

    private static WebLlmModel load(String name) {
        return webLlm.load(source(name, name, name), (id, fraction, text) -> { }, RunControl.NEVER);
    }

    private static void wrongScriptIsNamed() {
        EngineException e = thrown(EngineException.class, () -> WebLlm.open(WebLlmLoader.script(url("nowhere.js"))));
        check(e.getMessage().contains("nowhere.js"), e.getMessage());
    }

    private static String modelsLoad() {
        webLlm = WebLlm.open(WebLlmLoader.script(url("webllm/web-llm.js")));
        List<Double> fractions = new ArrayList<>();
        double start = Performance.now();
        small = webLlm.load(source("small", "small", "small"), (id, fraction, text) -> fractions.add(fraction),
                RunControl.NEVER);
        double millis = Performance.now() - start;
        wide = load("wide");
        for (int i = 1; i < fractions.size(); i++) {
            check(fractions.get(i) >= fractions.get(i - 1), "progress fell: " + fractions);
        }
        check(fractions.get(fractions.size() - 1) == 1, "progress ends at 1: " + fractions);
        check(small.hiddenSize() == 64 && wide.hiddenSize() == 96, "widths");
        check(small.contextWindow() == 128 && small.dtype().equals("float32"), "context and type");
        check(small.latentUnavailableReason() == null && small.hiddenFunctionName().equals("get_last_hidden"),
                "hidden");
        check(small.librarySha256().length() == 64 && small.weightsSha256().length() == 64, "hashes");
        check(!small.weightsSha256().equals(wide.weightsSha256()), "different weights");
        check(thrown(EngineException.class, () -> load("small")).getMessage().contains("already loaded"), "twice");
        scenario = new LatentScenario(small, wide, webLlm.device());
        return "first model in " + millis + " ms";
    }

    private static void tokensRoundTrip() {
        int[] ids = small.tokenize("<|im_start|>Grüße\n");
        check(ids.length == 9 && ids[0] == 257 && ids[8] == 10, "ids " + ids.length);
        check(small.detokenize(ids).equals("Grüße\n"), small.detokenize(ids));
        check(small.tokenize("").length == 0 && small.detokenize(new int[] {257, 258}).isEmpty(), "nothing");
    }

    private static void latentsRoundTrip() {
        float[][] values = RandomLinks.rows(5, 64, 1);
        try (Latents written = webLlm.device().write(values, small); Latents more = webLlm.device().write(
                RandomLinks.rows(2, 64, 2), small); Latents stacked = small.stack(List.of(more, written, more));
                Latents none = webLlm.device().write(new float[0][], small);
                Latents empty = small.stack(List.of(none))) {
            float[][] back = webLlm.device().read(stacked);
            check(back.length == 9 && stacked.rows() == 9 && stacked.width() == 64, "rows " + back.length);
            for (int row = 0; row < 5; row++) {
                for (int i = 0; i < 64; i++) {
                    check(back[2 + row][i] == values[row][i], "row " + row + " at " + i);
                }
            }
            check(webLlm.device().read(none).length == 0 && empty.rows() == 0, "empty");
        }
    }

    /** The link makes more room while work that it has recorded waits to be submitted. */
    private static String linkTakesMoreRowsThanBefore() {
        LinkWeights weights = RandomLinks.link(64, 80, 96, true, true, 9);
        Link link = webLlm.device().link(weights.encode("outer", "s", "w"), small, wide);
        Link inner = webLlm.device().link(RandomLinks.link(64, 64, 64, false, true, 1).encode("inner", "s", "s"), small,
                small);
        double worst = 0;
        List<Latents> open = new ArrayList<>();
        List<float[][]> expected = new ArrayList<>();
        for (int rows : new int[] {1, 5, 2, 40, 41}) {
            float[][] x = RandomLinks.rows(rows, 64, rows);
            Latents written = webLlm.device().write(x, small);
            inner.apply(written).close(); // recorded, and not submitted by the link between two models
            open.add(link.apply(written));
            expected.add(LinkMath.apply(weights, x));
            written.close();
        }
        for (int i = 0; i < open.size(); i++) {
            worst = Math.max(worst, RandomLinks.worstError(expected.get(i), webLlm.device().read(open.get(i))));
            open.get(i).close();
        }
        check(worst <= 1e-5, "error " + worst);
        return "worst error " + worst;
    }

    /** Everything a run computes, as text: name, rows, width and numbers of each block, the norms, the generation. */
    private static String scenario() {
        LatentScenario.Outcome outcome = scenario.run(true, (text, tokens) -> { });
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < outcome.names.size(); i++) {
            text.append(outcome.names.get(i)).append('\n');
            for (float[] row : outcome.blocks.get(i)) {
                append(text, row);
            }
        }
        text.append("norms\n");
        append(text, outcome.norms);
        Generation g = outcome.generation;
        return text.append("generation\n").append(g.promptPositions()).append(' ').append(g.decodedTokens()).append(' ')
                .append(g.finish()).append('\n').append(g.text()).toString();
    }

    private static void append(StringBuilder text, float[] row) {
        for (float v : row) {
            text.append(v).append(' ');
        }
        text.append('\n');
    }

    private static String nothingIsReadBeforeTheFirstToken() {
        int[] atFirstToken = {-1};
        int[] tokens = new int[1];
        PageCases.countMapAsync();
        double start = Performance.now();
        scenario.run(false, (text, decoded) -> {
            if (atFirstToken[0] < 0) {
                atFirstToken[0] = PageCases.mapAsyncCalls();
            }
            tokens[0] = decoded;
            // One read-back a token: the sampled id.
            check(PageCases.mapAsyncCalls() == decoded, PageCases.mapAsyncCalls() + " maps at token " + decoded);
        });
        check(atFirstToken[0] == 1, "maps until the first token was known: " + atFirstToken[0]);
        check(PageCases.mapAsyncCalls() == tokens[0] + 1, "the probe reads once");
        double millis = webLlm.device().takeLinkMillis();
        check(millis > 0, "link time " + millis);
        return "whole run " + (Performance.now() - start) + " ms, links " + millis + " ms";
    }

    private static void nothingLeaks() {
        scenario.run(false, (text, tokens) -> { });
        double bytes = small.gpuBytes() + wide.gpuBytes();
        int buffers = small.bufferCount() + wide.bufferCount();
        for (int i = 0; i < 3; i++) {
            scenario.run(false, (text, tokens) -> { });
        }
        check(small.gpuBytes() + wide.gpuBytes() == bytes, "bytes " + bytes + " became "
                + (small.gpuBytes() + wide.gpuBytes()));
        check(small.bufferCount() + wide.bufferCount() == buffers, "buffers " + buffers + " became "
                + (small.bufferCount() + wide.bufferCount()));
        webLlm.device().takeLinkMillis();
    }

    private static String sampled(int seed) {
        small.reset();
        return small.generate(List.of(PromptPiece.text(HELLO)), new DecodingOptions(16, 2, 1, seed),
                (text, tokens) -> { }, RunControl.NEVER).text();
    }

    private static void samplingFollowsTheSeed() {
        String first = sampled(7_000_000);
        check(first.equals(sampled(7_000_000)), "the same seed gives the same text");
        String others = sampled(800_000_000) + "|" + sampled(1_500_000_000) + "|" + sampled(2_000_000_000);
        check(!others.equals(first + "|" + first + "|" + first), "other seeds give other texts: " + others);
    }

    private static void generationStops() {
        small.reset();
        List<String> texts = new ArrayList<>();
        Generation g = small.generate(List.of(PromptPiece.text(HELLO)), DecodingOptions.greedy(5),
                (text, tokens) -> texts.add(text), RunControl.NEVER);
        check(g.finish() == Generation.Finish.LENGTH && g.decodedTokens() == 5, g.finish() + " " + g.decodedTokens());
        check(texts.size() == 5 && texts.get(4).equals(g.text()), "streamed");
        check(g.promptPositions() == small.tokenize(HELLO).length && small.position() == g.promptPositions() + 4,
                "positions " + small.position());
        int[] asked = {0};
        small.reset();
        g = small.generate(List.of(PromptPiece.text(HELLO)), DecodingOptions.greedy(50), (text, tokens) -> { },
                () -> ++asked[0] > 8);
        check(g.finish() == Generation.Finish.CANCELLED && g.decodedTokens() > 0 && g.decodedTokens() < 9,
                "cancelled after "
                + g.decodedTokens());
        small.reset();
        g = small.generate(List.of(PromptPiece.text(HELLO)), DecodingOptions.greedy(500), (text, tokens) -> { },
                RunControl.NEVER);
        check(g.finish() == Generation.Finish.STOP || small.position() == small.contextWindow(),
                "ends with the window: "
                + small.position());
        small.reset();
        check(small.position() == 0, "reset");
    }

    private static void misuseIsNamed() {
        small.reset();
        wide.reset();
        try (Latents ofWide = webLlm.device().write(RandomLinks.rows(1, 96, 1), wide)) {
            check(message(() -> small.step(ofWide)).contains("width 64, not 96"), "width of a step");
            check(message(() -> small.prefill(List.of(PromptPiece.latents(ofWide)))).contains("width 64"),
                    "width in a slot");
        }
        check(message(() -> small.prefill(List.of(PromptPiece.text("")))).contains("empty prompt"), "empty");
        check(message(() -> small.prefill(List.of(PromptPiece.text("x".repeat(200))))).contains("128 positions"),
                "too long");
        check(message(() -> webLlm.device().write(new float[1][3], small)).contains("3 values"), "written width");
        check(message(() -> webLlm.device().link(RandomLinks.link(64, 8, 64, false, true, 1).encode("outer", "s", "w"),
                small, wide)).contains("out_width is 64"), "link's width");
        Latents closed = webLlm.device().write(RandomLinks.rows(1, 64, 1), small);
        closed.close();
        closed.close();
        check(thrown(IllegalStateException.class, () -> small.step(closed)).getMessage().contains("closed"), "closed");
        small.prefill(List.of(PromptPiece.text("still works"))).close();
    }

    private static String message(Runnable action) {
        return thrown(EngineException.class, action).getMessage();
    }

    private static void infiniteLatentsAreSeen() {
        small.reset();
        float[][] values = RandomLinks.rows(3, 64, 1);
        values[1][5] = Float.POSITIVE_INFINITY;
        try (Latents broken = webLlm.device().write(values, small); var probe = webLlm.device().probe();
                Latents good = small.prefill(List.of(PromptPiece.text("abc")))) {
            check(probe.record(good) == 0 && probe.record(broken) == 1, "indices");
            check(probe.read()[0].finite() && !probe.read()[1].finite(), "finite");
            check(Float.isNaN(probe.read()[1].norms()[1]) && probe.read()[1].norms()[0] > 0, "norms");
        }
    }

    /** The hidden state that a model computes for a prompt. */
    private static float[][] hidden(WebLlmModel model) {
        return LatentScenario.hidden(model, webLlm.device());
    }

    private static void stockNamesWork() {
        WebLlmModel stock = load("stock");
        check(stock.hiddenFunctionName().equals("prefill_to_last_hidden_states"), stock.hiddenFunctionName());
        double error = RandomLinks.worstError(hidden(small), hidden(stock));
        check(error == 0, "the same functions by other names: " + error);
        stock.close();
    }

    private static void libraryWithoutHiddenStatesChats() {
        WebLlmModel text = load("textonly");
        check(text.latentUnavailableReason().contains("neither get_last_hidden"), text.latentUnavailableReason());
        check(message(() -> text.prefill(List.of(PromptPiece.text("abc")))).contains("textonly.wasm"),
                "names the library");
        String first = text.generate(List.of(PromptPiece.text(HELLO)), DecodingOptions.greedy(8), (t, n) -> { },
                RunControl.NEVER).text();
        small.reset();
        check(first.equals(small.generate(List.of(PromptPiece.text(HELLO)), DecodingOptions.greedy(8), (t, n) -> { },
                RunControl.NEVER).text()), "the same text");
        text.close();
    }

    /** The hidden states of the model with 4-bit weights as text, a row a line. */
    private static String quantizedModel() {
        WebLlmModel q4 = load("small-q4");
        float[][] rows = hidden(q4);
        q4.close();
        check(RandomLinks.worstError(hidden(small), rows) > TWIN_TOLERANCE, "the weights are not the quantized ones");
        StringBuilder text = new StringBuilder();
        for (float[] row : rows) {
            append(text, row);
        }
        return text.toString();
    }

    private static void refused(String model, String library, String... parts) {
        String message = message(() -> webLlm.load(source("broken", model, library), (id, fraction, text) -> { },
                RunControl.NEVER));
        for (String part : parts) {
            check(message.contains(part), model + " with " + library + " lacks \"" + part + "\": " + message);
        }
    }

    private static void brokenFilesAreNamed() {
        refused("no-tokenizer", "small", "no-tokenizer/tokenizer.json is missing", "Convert the model again");
        refused("no-shard", "small", "no-shard/params_shard_0.bin is missing", "Convert the model again");
        refused("cut-shard", "small", "cut-shard/params_shard_0.bin has", "bytes instead of");
        refused("no-config", "small", "no-config/mlc-chat-config.json is missing");
        refused("page-config", "small", "mlc-chat-config.json is not JSON");
        refused("poor-config", "small", "lacks the field context_window_size");
        refused("nowhere", "small", "nowhere/mlc-chat-config.json is missing (HTTP status 404)");
        refused("small", "nowhere", "nowhere.wasm is missing");
        refused("small", "page", "page.wasm is not a WebAssembly module");
        refused("small", "wide", "wide.wasm", "parameter model.", "ompile the library");
        refused("wide", "small", "small.wasm", "parameter model.embed_tokens.weight should be", "ompile the library");
        refused("small-q4", "small", "small.wasm", "parameter model.", "ompile the library");
        MishapCases.librariesThatDoNotFitAreNamed(source("fit", "small", "small"));
        String width = message(() -> webLlm.load(new ModelSource("thin", url("models/small"),
                url("models/small.wasm"), 63),
                (id, fraction, text) -> { }, RunControl.NEVER));
        check(width.contains("width 64, but the team says 63"), width);
        webLlm.device().sync();
        check(hidden(small)[0].length == 64, "the others are untouched");
    }

    private static void loadCanBeStopped() {
        double bytes = small.gpuBytes();
        for (String until : new String[] {"Looking up", "Loading model from cache", "Loading GPU shader modules"}) {
            StopSwitch stop = new StopSwitch();
            thrown(LoadCancelledException.class, () -> webLlm.load(source("stopped", "wide", "wide"),
                    (id, fraction, text) -> {
                        if (text.startsWith(until)) {
                            stop.stop();
                        }
                    }, stop));
            check(stop.cancelled(), "never came to: " + until);
        }
        check(small.gpuBytes() == bytes && webLlm.models().size() == 2, "nothing is left");
    }

    private static void unloadedModelReloads() {
        float[][] before = hidden(small);
        float[][] others = hidden(wide);
        Latents left = small.prefill(List.of(PromptPiece.text("left behind")));
        small.close();
        small.close();
        check(small.bufferCount() == 0, "buffers left: " + small.bufferCount());
        left.close();
        WebLlmModel gone = small;
        check(message(gone::reset).contains("has been unloaded"), "unloaded");
        check(RandomLinks.worstError(others, hidden(wide)) == 0, "the other model works on");
        small = load("small");
        check(RandomLinks.worstError(before, hidden(small)) == 0, "the reloaded model computes the same");
        scenario = new LatentScenario(small, wide, webLlm.device());
        scenario.run(false, (text, tokens) -> { });
    }

    private static void fullMemoryAndDiskAreNamed() {
        WebLlmModel third = load("stock");
        MishapCases.fullMemoryIsNamed(third);
        MishapCases.fullDiskIsNamed(source("stock", "stock", "stock"));
        MishapCases.blockedStorageIsNamed(source("stock", "stock", "stock"));
        scenario.run(false, (text, tokens) -> { }); // the others are untouched
        load("stock").close();
    }

    private static String speed() {
        Link inner = webLlm.device().link(RandomLinks.link(64, 64, 64, false, true, 1).encode("inner", "s", "s"), small,
                small);
        int steps = 32;
        small.reset();
        Latents h = small.prefill(List.of(PromptPiece.text(HELLO)));
        webLlm.device().sync();
        webLlm.device().takeLinkMillis();
        double launches = small.kernelLaunches();
        PageCases.countSubmits();
        double start = Performance.now();
        for (int i = 0; i < steps; i++) {
            Latents input = inner.apply(h);
            h.close();
            h = small.step(input);
            input.close();
        }
        webLlm.device().sync();
        double millis = (Performance.now() - start) / steps;
        double submits = PageCases.submits() / (double) steps;
        h.close();
        check(millis > 0, "measured");
        return millis + " ms a latent step (" + (small.kernelLaunches() - launches) / steps
                + " kernels of the model, one link pass and " + submits + " submits; on the GPU the link takes "
                + webLlm.device().takeLinkMillis() / steps + " ms)";
    }

    private static void everythingCloses() {
        PageCases.refuseNextUnload();
        String refused = message(webLlm::close);
        check(refused.contains("could not be unloaded: refused to unload") && refused.contains("\"wide\""), refused);
        check(message(small::reset).contains("closed") && message(() -> webLlm.gpu().check()).contains("closed"),
                "closed");
        check(small.bufferCount() == 0 && wide.bufferCount() == 0, "nothing is left on the GPU");
    }
}
