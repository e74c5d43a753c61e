package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.convert.RandomCheckpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code random-checkpoint}: random weights in a real model's shape. */
@Command(name = "random-checkpoint", mixinStandardHelpOptions = true,
        description = "Writes a checkpoint of random weights in a real model's shape: what conversion, training or a page "
                + "needs for a model of that size shows without a download.")
final class RandomCheckpointCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SHAPE",
            description = "qwen2.5-0.5b, qwen3-1.7b, llama-3.2-1b, gemma-3-1b, mistral-7b-v0.1, or a config.json.")
    private String shape;

    @Parameters(index = "1", paramLabel = "OUTPUT", description = "The folder to make.")
    private Path output;

    @Option(names = "--type", defaultValue = "bf16", paramLabel = "TYPE",
            description = "Type of the weights: bf16, f16 or f32. Default: ${DEFAULT-VALUE}.")
    private ElementType type;

    @Option(names = "--shard-mb", defaultValue = "2000", paramLabel = "MB",
            description = "Weights in one file at most. Default: ${DEFAULT-VALUE}.")
    private long shardMegabytes;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--letters", description = "The model writes only digits and small letters, each a token, and never ends "
            + "by itself: to measure how fast agents of this size hand over texts of a given length.")
    private boolean letters;

    @Option(names = "--overwrite", description = "Replace OUTPUT if this verb made it.")
    private boolean overwrite;

    @Override
    public Integer call() {
        if (!type.isWeight()) {
            throw new ParameterException(spec.commandLine(), "--type: weights are bf16, f16 or f32, not " + type.label());
        }
        if (shardMegabytes < 1) {
            throw new ParameterException(spec.commandLine(), "--shard-mb: it is " + shardMegabytes + ", less than 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        RandomCheckpoint checkpoint = RandomCheckpoint.shaped(shape);
        checkpoint = letters ? checkpoint.lettersOnly() : checkpoint;
        checkpoint.write(output, overwrite, seed, type, shardMegabytes * 1_000_000, new ProgressPrinter(out));
        out.printf(Locale.ROOT, "%s: %.1f MB of random weights%n", output, checkpoint.bytes(type) / 1e6);
        out.flush();
        return 0;
    }
}
