package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import org.recursivemas.compiler.ConfigException;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.FormatException;
import org.recursivemas.engine.EngineException;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.site.SiteCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program {@code recursivemas}. Exit code 0: done; 1: could not be done; 2: wrong usage. */
@Command(name = ToolVersion.NAME, versionProvider = Main.Version.class, mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB", commandListHeading = "%nVerbs:%n",
        description = "Makes what a team of models needs in the browser, and checks it on the JVM.",
        subcommands = {BuildCommand.class, FetchCommand.class, ConvertCommand.class, CompileCommand.class,
            TasksCommand.class, TrainLinkCommand.class, ImportLinkCommand.class, ImportTeamCommand.class, EvaluateCommand.class,
            PackageCommand.class, VerifyCommand.class, PublishCommand.class, ServeCommand.class, SiteCommand.class,
            CatalogCommand.class, PatchMlcCommand.class, RandomCheckpointCommand.class, ConvertBenchmarkCommand.class})
public final class Main implements Runnable {
    /** The program's version line. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {ToolVersion.NAME + " " + ToolVersion.VERSION};
        }
    }

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print the stack trace of an error.")
    private boolean debug;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /** Runs a verb and ends the program with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The program, ready to execute; tests give it their own writers. */
    static CommandLine commandLine() {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        line.registerConverter(Quantization.class, Quantization::of);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((exception, failing, result) -> {
            main.report(exception, failing.getErr());
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Name a verb");
    }

    private void report(Exception exception, PrintWriter err) {
        if (ending()) {
            return; // what fails now fails because unfinished output has been removed
        }
        if (debug) {
            exception.printStackTrace(err);
        } else if (exception instanceof InputException || exception instanceof ConfigException
                || exception instanceof EngineException || exception instanceof FormatException) {
            err.println(ToolVersion.NAME + ": " + exception.getMessage());
        } else if (exception instanceof FileSystemException failure) {
            err.println(ToolVersion.NAME + ": " + failure.getMessage() + " (" + failure.getClass().getSimpleName()
                    + ")");
        } else {
            err.println(ToolVersion.NAME + ": " + exception + ". Run again with --debug to see where");
        }
        err.flush();
    }

    /** Whether the program has been interrupted. */
    private static boolean ending() {
        Thread probe = new Thread(() -> { });
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
