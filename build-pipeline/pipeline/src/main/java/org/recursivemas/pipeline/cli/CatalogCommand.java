package org.recursivemas.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.catalog.CatalogBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code catalog}: what the page offers to download. */
@Command(name = "catalog", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Writes the page's catalogue of teams and published models, with libraries and team files for the models. "
                + "Nothing is downloaded: sizes and libraries follow from the models' shapes. Does nothing when nothing has "
                + "changed since the last time.")
final class CatalogCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "What to offer; see docs/models.md.")
    private Path source;

    @Option(names = "--package", paramLabel = "ADDRESS=FOLDER",
            description = "A team's package, and where it lies beside the catalogue, e.g. models/demo/=package.")
    private Map<String, Path> packages = new LinkedHashMap<>();

    @Option(names = "--out", required = true, paramLabel = "FOLDER", description = "The folder to make or replace.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        for (String address : packages.keySet()) {
            if (!address.endsWith("/") || address.startsWith("/")) {
                throw new InputException("--package " + address, "the address must be relative and end with a slash",
                        "Write it like models/demo/=FOLDER", null);
            }
        }
        PrintWriter writer = spec.commandLine().getOut();
        new CatalogBuilder(source, packages, line -> {
            writer.println(line);
            writer.flush();
        }).build(out);
        return 0;
    }
}
