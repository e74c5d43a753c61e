package org.recursivemas.pipeline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.recursivemas.compiler.CompileOptions;
import org.recursivemas.compiler.LibraryCompiler;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.PlanFunction;
import org.recursivemas.library.link.LibraryLinker;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.convert.ChatOptions;
import org.recursivemas.pipeline.convert.ConvertedModel;
import org.recursivemas.pipeline.convert.StagedFile;
import org.recursivemas.pipeline.convert.TokenizerFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code compile}: a model's description to the library that WebLLM loads beside its weights. */
@Command(name = "compile", mixinStandardHelpOptions = true,
        description = "Compiles a model's description and a quantization to a model library (.wasm) for WebLLM. "
                + "Weights are not needed and not part of it.")
final class CompileCommand implements Callable<Integer> {
    private static final String CHAT_CONFIG = "mlc-chat-config.json";

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL",
            description = "config.json, a checkpoint folder that holds it, or a converted folder.")
    private Path model;

    @Parameters(index = "1", paramLabel = "LIBRARY", description = "The .wasm file to make.")
    private Path library;

    @Option(names = {"-q", "--quantization"}, paramLabel = "SCHEME",
            description = "q0f32, q0f16, q4f32_1 or q4f16_1. A converted folder states its own.")
    private Quantization quantization;

    @Option(names = "--context", paramLabel = "TOKENS",
            description = "Context window. Default: the converted folder's, else the model's, at most "
                    + ChatOptions.USUAL_CONTEXT + ".")
    private Integer context;

    @Option(names = "--prefill-chunk", paramLabel = "TOKENS",
            description = "Tokens of a prompt processed at once. Default: the converted folder's, else "
                    + ChatOptions.USUAL_CHUNK + ".")
    private Integer chunk;

    @Option(names = "--active-vocabulary", paramLabel = "TOKENS",
            description = "Token ids from this one on are never sampled. Default: what the tokenizer beside the "
                    + "model knows, else all.")
    private Integer activeVocabulary;

    @Option(names = "--overwrite", description = "Replace LIBRARY if it exists.")
    private boolean overwrite;

    @Override
    public Integer call() {
        StagedFile.check(library, overwrite);
        long start = System.nanoTime();
        boolean converted = Files.exists(model.resolve(CHAT_CONFIG));
        ModelConfig config = converted ? ConvertedModel.readConfig(model) : ModelConfig.read(configFile());
        Quantization scheme = converted ? ConvertedModel.readQuantization(model) : quantization;
        if (scheme == null) {
            throw new ParameterException(spec.commandLine(), "--quantization is needed: " + model
                    + " does not state how its weights are stored");
        }
        if (quantization != null && quantization != scheme) {
            throw new InputException(model.resolve(CHAT_CONFIG), "quantization", "the weights there are "
                    + scheme.text()
                    + ", --quantization says " + quantization.text(), "Leave the option out");
        }
        CompileOptions options = options(config, converted);
        LibraryPlan plan;
        try {
            plan = LibraryCompiler.compile(config, scheme, options);
        } catch (IllegalArgumentException e) {
            throw new InputException(model.toString(), e.getMessage(), "Change that option", e);
        }
        byte[] bytes = LibraryLinker.link(plan);
        StagedFile.write(library, bytes);
        report(scheme, options, plan, bytes.length, (System.nanoTime() - start) / 1e9);
        return 0;
    }

    private Path configFile() {
        return Files.isDirectory(model) ? model.resolve("config.json") : model;
    }

    private CompileOptions options(ModelConfig config, boolean converted) {
        JsonNode stated = converted ? chatConfig() : new ObjectMapper().createObjectNode();
        int window = context != null ? context
                : stated.path("context_window_size").asInt(Math.min(config.maxPositions(), ChatOptions.USUAL_CONTEXT));
        int atOnce = chunk != null ? chunk
                : stated.path("prefill_chunk_size").asInt(Math.min(window, ChatOptions.USUAL_CHUNK));
        int active = config.vocabSize();
        Path tokenizer = configFile().resolveSibling(TokenizerFile.NAME);
        if (activeVocabulary != null) {
            active = activeVocabulary;
        } else if (Files.exists(tokenizer)) {
            active = TokenizerFile.read(tokenizer).size();
        }
        return new CompileOptions(window, atOnce, active);
    }

    private JsonNode chatConfig() {
        Path file = model.resolve(CHAT_CONFIG);
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new InputException(file.toString(), "it cannot be read (" + e.getMessage() + ")",
                    "Convert the model again", e);
        }
    }

    private void report(Quantization scheme, CompileOptions options, LibraryPlan plan, long bytes, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "%s: %s, context %d, prefill chunk %d, %d parameters, %.1f KB in %.2f s%n", library,
                scheme.text(), options.contextWindow(), options.prefillChunk(), plan.params().size(), bytes / 1e3,
                seconds);
        int shaderBytes = plan.kernels().stream().mapToInt(kernel -> kernel.wgsl().length()).sum();
        out.printf(Locale.ROOT, "%d kernels, %.1f KB of WGSL%n", plan.kernels().size(), shaderBytes / 1e3);
        DispatchCount dispatches = new DispatchCount(options.contextWindow() / 2, options.contextWindow());
        out.println("dispatches for one token:");
        for (PlanFunction function : plan.functions()) {
            out.printf(Locale.ROOT, "  %-28s %d%n", function.name(), dispatches.ofOneToken(function));
        }
        out.flush();
    }
}
