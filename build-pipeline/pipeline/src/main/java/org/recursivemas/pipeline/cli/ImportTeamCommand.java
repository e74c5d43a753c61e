package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.recursivemas.pipeline.imports.TeamImport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code import-team}: a published team's repositories to a team file and a link file. */
@Command(name = "import-team", mixinStandardHelpOptions = true,
        description = "Makes team.json and recursivelink.json of a published team: Sequential-Light, Sequential-Scaled, "
                + "Mixture or Distillation. Agents whose architecture is not supported are named with the reason.")
final class ImportTeamCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FOLDER",
            description = "Folder with the team's repositories, each in a folder of its name, or a download cache of the "
                    + "hub (models--OWNER--NAME).")
    private Path folder;

    @Parameters(index = "1", paramLabel = "OUTPUT",
            description = "Folder for team.json and recursivelink.json. The team file refers to the checkpoints where "
                    + "they are.")
    private Path output;

    @Option(names = "--team", paramLabel = "ID",
            description = "sequential-light, sequential-scaled, mixture or distillation. Default: the one that is there.")
    private String team;

    @Option(names = "--task", defaultValue = "math", paramLabel = "TASK",
            description = "Which links, prompts and settings: math or code. Default: ${DEFAULT-VALUE}.")
    private String task;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds, 1 to 5. Default: the published setting.")
    private Integer rounds;

    @Option(names = "--latent-steps", paramLabel = "M",
            description = "Latent steps, 0 to 80. Default: the published setting.")
    private Integer latentSteps;

    @Option(names = "--prompts", paramLabel = "FILE",
            description = "JSON file with the agents' messages by agent id (system, user, user_feedback, user_alone, chat). "
                    + "Published links were trained with the published wording, so take it from there. Default: messages "
                    + "of the same parts and order in other words.")
    private Path prompts;

    @Option(names = "--answer-marker", paramLabel = "TEXT",
            description = "Text after which the answer stands, instead of what the published prompts ask for: \\boxed{ for "
                    + "math, a code block for code.")
    private String answerMarker;

    @Option(names = "--replace", paramLabel = "AGENT=FOLDER",
            description = "Another checkpoint for an agent, e.g. for one whose architecture is not supported. Its hidden size "
                    + "must be the published one's; the links were not trained with it, so answers will be worse.")
    private Map<String, Path> replace = new LinkedHashMap<>();

    @Option(names = "--links-only", description = "Write the links alone, also of agents that cannot run here.")
    private boolean linksOnly;

    @Option(names = "--weights", defaultValue = "beside", paramLabel = "PLACE",
            description = "beside: the links' values in a safetensors file beside recursivelink.json; inside: in it. "
                    + "Default: ${DEFAULT-VALUE}.")
    private ImportLinkCommand.Weights weights;

    @Option(names = "--overwrite", description = "Replace what an earlier import wrote.")
    private boolean overwrite;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        TeamImport.Result result = TeamImport.run(new TeamImport.Options(folder, output, team, task, rounds, latentSteps,
                prompts, answerMarker, Map.of(), replace, linksOnly, weights == ImportLinkCommand.Weights.BESIDE, overwrite),
                new ProgressPrinter(out));
        result.unsupported().forEach((agent, reason) -> out.println("agent " + agent + " cannot run here: " + reason));
        out.printf("%s: team %s, %d links%n", output, result.team(), result.links());
        out.flush();
        return 0;
    }
}
