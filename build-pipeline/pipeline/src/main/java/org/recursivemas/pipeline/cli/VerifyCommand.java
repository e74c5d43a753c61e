package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.recursivemas.pipeline.convert.ConvertedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code verify}: whether a converted folder is whole and undamaged. */
@Command(name = "verify", mixinStandardHelpOptions = true,
        description = "Checks that a converted folder holds every tensor of its model and that no file was changed.")
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FOLDER", description = "A folder made by convert, or by MLC-LLM.")
    private Path folder;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (ConvertedModel model = ConvertedModel.open(folder)) {
            long bytes = model.verify();
            out.printf(Locale.ROOT, "%s: %s %s, every tensor is there; %.1f MB agree with their digests%n", folder,
                    model.config().architecture().modelType(), model.quantization().text(), bytes / 1e6);
        }
        out.flush();
        return 0;
    }
}
