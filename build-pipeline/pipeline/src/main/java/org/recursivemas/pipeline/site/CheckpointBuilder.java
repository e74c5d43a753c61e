package org.recursivemas.pipeline.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.recursivemas.compiler.CompileOptions;
import org.recursivemas.compiler.LibraryCompiler;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.library.link.LibraryLinker;
import org.recursivemas.pipeline.convert.ChatOptions;
import org.recursivemas.pipeline.convert.Converter;
import org.recursivemas.pipeline.convert.Float32Codec;
import org.recursivemas.pipeline.convert.TokenizerFile;

/** Converts and compiles a Hugging Face folder with one context window and prefill chunk for both. */
final class CheckpointBuilder implements AgentBuilder {
    private final Quantization quantization;
    private final int prefillChunk;

    /** @param prefillChunk tokens of a prompt that are processed at once, at most */
    CheckpointBuilder(Quantization quantization, int prefillChunk) {
        this.quantization = quantization;
        this.prefillChunk = prefillChunk;
    }

    @Override
    public String quantization() {
        return quantization.text();
    }

    @Override
    public void convert(AgentSpec agent, Path checkpoint, Path model) {
        int context = context(config(checkpoint));
        ChatOptions options = new ChatOptions(context, Math.min(prefillChunk, context), agent.system, null);
        new Converter(checkpoint, quantization, Float32Codec.AUTO, options)
                .convert(model, false, (error, done, total) -> { });
    }

    @Override
    public void compile(AgentSpec agent, Path checkpoint, Path library) {
        ModelConfig config = config(checkpoint);
        int context = context(config);
        int tokens = TokenizerFile.read(checkpoint.resolve(TokenizerFile.NAME)).size();
        CompileOptions options = new CompileOptions(context, Math.min(prefillChunk, context), tokens);
        try {
            LibraryLinker.link(LibraryCompiler.compile(config, quantization, options), library);
        } catch (IOException e) {
            throw new UncheckedIOException(library + " cannot be written", e);
        }
    }

    private static ModelConfig config(Path checkpoint) {
        return ModelConfig.read(checkpoint.resolve("config.json"));
    }

    private static int context(ModelConfig config) {
        return Math.min(config.maxPositions(), ChatOptions.USUAL_CONTEXT);
    }
}
