package org.recursivemas.pipeline.site;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.recursivemas.compiler.Quantization;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code site}: the page and a team's models in one folder. */
@Command(name = "site", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Puts the page, its scripts and a team, its checkpoints converted and compiled, into one folder that "
                + "any static host can serve. Does nothing when nothing has changed since the last time.")
public final class SiteCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--page", required = true, paramLabel = "FOLDER", description = "Folder with index.html.")
    private Path page;

    @Option(names = "--scripts", required = true, paramLabel = "FOLDER",
            description = "Folder whose files go beside index.html. May be given several times.")
    private List<Path> scripts;

    @Option(names = "--demo", required = true, paramLabel = "FOLDER",
            description = "Folder with team.json, whose paths lead to the agents' checkpoints and the links.")
    private Path demo;

    @Option(names = {"-q", "--quantization"}, defaultValue = "q0f32", paramLabel = "SCHEME",
            description = "q0f32, q0f16, q4f32_1 or q4f16_1. Default: ${DEFAULT-VALUE}.")
    private Quantization quantization;

    @Option(names = "--prefill-chunk", defaultValue = "256", paramLabel = "TOKENS",
            description = "Tokens of a prompt processed at once. Default: ${DEFAULT-VALUE}.")
    private int prefillChunk;

    @Option(names = "--work", required = true, paramLabel = "FOLDER",
            description = "Keeps converted models between runs.")
    private Path work;

    @Option(names = "--out", required = true, paramLabel = "FOLDER", description = "The folder to make or replace.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        PrintWriter writer = spec.commandLine().getOut();
        new SiteAssembler(page, scripts, demo, out, work, new CheckpointBuilder(quantization, prefillChunk),
                line -> {
                    writer.println(line);
                    writer.flush();
                }).assemble();
        return 0;
    }
}
