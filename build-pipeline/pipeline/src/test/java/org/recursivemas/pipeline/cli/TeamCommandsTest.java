package org.recursivemas.pipeline.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;

/** The verbs train-link and evaluate, one after the other, as a person uses them. */
class TeamCommandsTest {
    @TempDir
    private Path folder;
    private ToyTeam toy;
    private String out;
    private String err;

    @BeforeEach
    void create() throws IOException {
        toy = ToyTeam.write(folder.resolve("toy"));
    }

    private int run(String... arguments) {
        StringWriter outWriter = new StringWriter();
        StringWriter errWriter = new StringWriter();
        int code = Main.commandLine().setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
                .execute(arguments);
        out = outWriter.toString();
        err = errWriter.toString();
        return code;
    }

    @Test
    void linksAreMadeWhereTheTeamFileNamesThemAndEvaluated() throws IOException {
        String links = toy.folder.resolve("recursivelink.json").toString();
        assertEquals(0, run("train-link", toy.teamFile.toString(), toy.tasks.toString(), links, "--closed-form",
                "--fit-problems", "20", "--form", "linear", "--check-problems", "5", "--final-problems", "5",
                "--message-rows", "8", "--slot", "writer.back=plan", "--target", "solver=solution"), () -> err);
        assertTrue(out.contains("link writer->solver: mean cosine 0."), out);
        assertTrue(out.contains("4 links from " + 20 * 3 * ToyTeam.ROWS + " positions"), out);
        Path table = folder.resolve("new/table.md");
        assertEquals(0, run("evaluate", toy.teamFile.toString(), toy.tasks.toString(), "--models",
                toy.models.toString(), "--problems", "3", "--rounds", "1,2", "--table", table.toString()), () -> err);
        assertTrue(out.contains("evaluating problems: 3 in"), out);
        for (String row : new String[] {"| latent | 1 | 1.00 | 0 |", "| latent | 2 | 2.00 | 8 |",
                "| text | 2 | 2.00 |  |", "| single | 1 | 1.00 |  |"}) {
            assertTrue(out.contains(row) && Files.readString(table).contains(row), row + " is not in\n" + out);
        }
    }

    @Test
    void mlpFormIsWrittenOnRequest() {
        Path links = folder.resolve("start.json");
        assertEquals(0, run("train-link", toy.teamFile.toString(), toy.tasks.toString(), links.toString(),
                "--closed-form", "--fit-problems", "10", "--check-problems", "2", "--final-problems", "0", "--form", "mlp",
                "--message-rows", "0"), () -> err);
        assertEquals(24, TeamFiles.links(links).links.get(0).hiddenWidth);
        // per problem twice the plan of 6 tokens with its end, and the solution of 6 or 5 tokens with its end
        assertTrue(out.contains("4 links from " + (10 * 2 * 7 + 5 * 7 + 5 * 6) + " positions"), out);
    }

    @Test
    void badInputIsExplainedInOneLine() throws IOException {
        assertEquals(1, run("evaluate", toy.teamFile.toString(), toy.tasks.toString()));
        assertTrue(err.contains("recursivelink.json"), err);
        assertEquals(1, err.lines().count(), err);
        TeamFiles.write(toy.teamFile, Files.readString(toy.teamFile).replace("\"hidden_size\" : 20",
                "\"hidden_size\" : 21"));
        assertEquals(1, run("train-link", toy.teamFile.toString(), toy.tasks.toString(), folder.resolve("x.json")
                .toString(), "--closed-form", "--fit-problems", "10", "--check-problems", "2"));
        assertTrue(err.contains("solver") && err.contains("21") && err.contains("20"), err);
        TeamFiles.write(toy.teamFile, Files.readString(toy.teamFile).replace("\"to\" : \"solver\"",
                "\"to\" : \"judge\""));
        assertEquals(1, run("train-link", toy.teamFile.toString(), toy.tasks.toString(), folder.resolve("x.json")
                .toString()));
        assertTrue(err.contains("judge") && !err.contains("Exception"), err);
        assertFalse(Files.exists(folder.resolve("x.json")));
    }
}
