package org.recursivemas.pipeline.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinModel;

/** One model in several roles. */
class SharedModelTest {
    @TempDir
    private Path folder;
    private ToyTeam toy;
    private Team team;

    @BeforeEach
    void write() throws IOException {
        toy = ToyTeam.write(folder.resolve("toy"));
        team = TeamFiles.team(toy.teamFile);
        team.agents.forEach(agent -> agent.hiddenSize = 24);
    }

    @Test
    void agentsThatNameOneFolderShareItsWeightsButNotTheirSequences() {
        team.agents.get(1).model = "models/../models/writer";
        assertShared();
    }

    @Test
    void agentsWhoseFoldersAreLinksToOneShareItsWeights() throws IOException {
        Files.createSymbolicLink(toy.models.resolve("again"), toy.models.resolve("writer"));
        team.agents.get(1).model = "models/again";
        assertShared();
    }

    private void assertShared() {
        TeamFiles.write(toy.teamFile, TeamFiles.json(team));
        try (TeamModels models = TeamModels.load(toy.teamFile, team, null)) {
            assertSame(models.folder("writer").weights(), models.folder("solver").weights());
            Map<String, TwinModel> sequences = models.sequences();
            assertNotSame(sequences.get("writer"), sequences.get("solver"));
            assertEquals(models.digests().get("writer"), models.digests().get("solver"));
        }
        try (TrainedTeam trained = new TrainedTeam(toy.teamFile, null)) {
            assertEquals(1, trained.models().size());
        }
    }

    @Test
    void equalCopiesInTwoFoldersAreTwoModels() throws IOException {
        Files.createDirectories(toy.models.resolve("copy"));
        try (var files = Files.list(toy.models.resolve("writer"))) {
            for (Path file : files.toList()) {
                Files.copy(file, toy.models.resolve("copy").resolve(file.getFileName()));
            }
        }
        team.agents.get(1).model = "models/copy";
        TeamFiles.write(toy.teamFile, TeamFiles.json(team));
        try (TrainedTeam trained = new TrainedTeam(toy.teamFile, null)) {
            assertEquals(2, trained.models().size());
        }
    }

    @Test
    void rolesOfOneModelHaveLinksOfTheirOwn() {
        team.agents.get(1).model = "models/writer";
        TeamFiles.write(toy.teamFile, TeamFiles.json(team));
        ClosedFormLinks.Result result = ClosedFormLinks.run(new ClosedFormLinks.Options(toy.teamFile, null, toy.tasks,
                40, 20, TeachingRules.usual(ToyTeam.ROWS), 1e-4, ClosedFormLinks.Form.LINEAR, 7, 1), Progress.NONE);
        assertEquals(4, result.links().links.size());
        assertNotEquals(TeamFiles.json(result.links().links.get(0)).replace("writer", "solver"),
                TeamFiles.json(result.links().links.get(1)));
    }
}
