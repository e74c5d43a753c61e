package org.recursivemas.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.tasks.TaskFile;
import org.recursivemas.pipeline.tasks.TaskRecord;
import org.recursivemas.tasks.OperationPlan;
import org.recursivemas.tasks.Prices;
import org.recursivemas.tasks.TaskSplit;
import org.recursivemas.team.Edge;
import org.recursivemas.team.TeamPlan;

/** The shipped teams: four patterns of the same agents, their links, corpus and problems. */
class DemoTeamsTest {
    private static final Path DEMO = Path.of("../demo");
    private static final List<String> FILES = List.of("team.json", "mixture.json", "distillation.json", "deliberation.json");

    @Test
    void fourTeamsShareModelsAndLinks() {
        Map<String, String> models = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (String file : FILES) {
            Team team = TeamFiles.team(DEMO.resolve(file));
            assertTrue(ids.add(team.id), team.id);
            assertEquals("links/recursivelink.json", team.links, file);
            for (AgentSpec agent : team.agents) {
                assertEquals(models.computeIfAbsent(agent.id, id -> agent.model), agent.model, file);
            }
        }
        assertEquals(Set.of("planner", "critic", "solver"), models.keySet());
    }

    @Test
    void linkFileServesEveryHandOffOfEveryTeam() {
        LinkFile links = TeamFiles.links(DEMO.resolve("links/recursivelink.json"));
        List<String> known = new ArrayList<>(links.links.stream().map(link -> link.kind + " " + link.from + " " + link.to).toList());
        Set<String> needed = new HashSet<>();
        for (String file : FILES) {
            TeamPlan plan = TeamPlan.of(TeamFiles.team(DEMO.resolve(file)), file);
            assertTrue(links.isFor(plan.id()), plan.id());
            for (Edge edge : plan.edges()) {
                needed.add("inner " + edge.from() + " " + edge.from());
                needed.add("outer " + edge.from() + " " + edge.to());
            }
        }
        assertEquals(needed, new HashSet<>(known));
        assertEquals(needed.size(), known.size(), "no link is there twice");
    }

    @Test
    void corpusTellsThePricesOfTheStories() throws IOException {
        Path file = DEMO.resolve("tools/prices.json");
        CorpusFile corpus = FileChecks.corpus(new ObjectMapper().readValue(file.toFile(), CorpusFile.class), file.toString());
        assertEquals(Prices.corpus(), corpus.documents);
        TeamPlan plan = TeamPlan.of(TeamFiles.team(DEMO.resolve("deliberation.json")), "deliberation.json");
        assertEquals(List.of("calc", "search"), TeamFiles.tools(DEMO.resolve("deliberation.json"), plan).names());
    }

    @Test
    void heldOutProblemsForToolsAreHeldOut() throws IOException {
        List<TaskRecord> tasks = TaskFile.read(DEMO.resolve("tasks/held-out-tools.jsonl"), 1000);
        assertEquals(300, tasks.size());
        Set<String> questions = new HashSet<>();
        for (TaskRecord task : tasks) {
            OperationPlan plan = OperationPlan.parse(task.plan(), 2);
            assertTrue(plan.needsPrice(), task.plan());
            assertEquals(TaskSplit.HELD_OUT, TaskSplit.of(plan), task.plan());
            assertTrue(questions.add(task.question()), task.question());
        }
    }
}
