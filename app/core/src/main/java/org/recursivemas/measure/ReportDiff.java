package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;

/**
 * Compares the report of a run with that of its repetition, field by field: everything that settings and seed decide.
 * Times are not compared; that other files or another device took part is told beside.
 */
public final class ReportDiff {
    /**
     * A field that differs.
     *
     * @param way {@link Setting#key}, or empty of the report as a whole
     * @param recorded null when it is missing there
     * @param repeated null when it is missing there
     */
    public record Difference(String way, String field, String recorded, String repeated) {
    }

    private final List<Difference> differences = new ArrayList<>();
    private final List<String> changedArtifacts;
    private final List<String> changedEnvironment;
    private int compared;

    private ReportDiff(RunReport recorded, RunReport repeated) {
        changedArtifacts = changedArtifacts(recorded.artifacts, repeated.artifacts);
        changedEnvironment = changed(recorded.environment, repeated.environment);
        compare("", "team", recorded.team, repeated.team);
        compare("", "problem", recorded.problem, repeated.problem);
        compare("", "expected", recorded.expected, repeated.expected);
        compare("", "temperature", recorded.temperature, repeated.temperature);
        compare("", "seed", recorded.seed, repeated.seed);
        compare("", "top-p", recorded.topP, repeated.topP);
        compare("", "answers", recorded.answers, repeated.answers);
        compare("", "search", recorded.search, repeated.search);
        Set<String> agents = new LinkedHashSet<>(recorded.systems.keySet());
        agents.addAll(repeated.systems.keySet());
        for (String agent : agents) {
            compare("", "system message of " + agent, recorded.systems.get(agent), repeated.systems.get(agent));
        }
        Set<String> links = new LinkedHashSet<>(recorded.links.keySet());
        links.addAll(repeated.links.keySet());
        for (String link : links) {
            compare("", "in the place of link " + link, recorded.links.get(link), repeated.links.get(link));
        }
        compare("", "number of ways", recorded.modes.size(), repeated.modes.size());
        for (int i = 0; i < Math.min(recorded.modes.size(), repeated.modes.size()); i++) {
            modes(recorded.modes.get(i), repeated.modes.get(i));
        }
    }

    public static ReportDiff of(RunReport recorded, RunReport repeated) {
        return new ReportDiff(recorded, repeated);
    }

    private void modes(ModeReport recorded, ModeReport repeated) {
        String way = Setting.of(recorded).key();
        compare(way, "way, depth and latent steps", way, Setting.of(repeated).key());
        compare(way, "stop early", recorded.stopEarly, repeated.stopEarly);
        compare(way, "most rounds", recorded.mostRounds, repeated.mostRounds);
        compare(way, "retrieval", recorded.retrieval, repeated.retrieval);
        compare(way, "answer", recorded.answer, repeated.answer);
        compare(way, "number of answers", recorded.answers.size(), repeated.answers.size());
        for (int i = 0; i < Math.min(recorded.answers.size(), repeated.answers.size()); i++) {
            compare(way, "text of answer " + (i + 1), recorded.answers.get(i).text, repeated.answers.get(i).text);
        }
        compare(way, "text", recorded.text, repeated.text);
        compare(way, "correct", recorded.correct, repeated.correct);
        compare(way, "finish", recorded.finish, repeated.finish);
        compare(way, "decoded tokens", recorded.decodedTokens, repeated.decodedTokens);
        compare(way, "latent steps in all", recorded.latentStepsTotal, repeated.latentStepsTotal);
        compare(way, "prompt positions", recorded.promptPositions, repeated.promptPositions);
        compare(way, "positions", recorded.positions, repeated.positions);
        compare(way, "number of stages", recorded.stages.size(), repeated.stages.size());
        for (int i = 0; i < Math.min(recorded.stages.size(), repeated.stages.size()); i++) {
            stages(way, i + 1, recorded.stages.get(i), repeated.stages.get(i));
        }
    }

    private void stages(String way, int number, StageReport recorded, StageReport repeated) {
        String stage = "stage " + number + " (" + recorded.agent + ", round " + recorded.round + "): ";
        compare(way, stage + "agent", recorded.agent, repeated.agent);
        compare(way, stage + "round", recorded.round, repeated.round);
        compare(way, stage + "kind", recorded.kind, repeated.kind);
        compare(way, stage + "decoded tokens", recorded.decodedTokens, repeated.decodedTokens);
        compare(way, stage + "positions", recorded.positions, repeated.positions);
        compare(way, stage + "latent steps", recorded.latentSteps, repeated.latentSteps);
        compare(way, stage + "latent rows in", recorded.latentRowsIn, repeated.latentRowsIn);
        compare(way, stage + "text", recorded.text, repeated.text);
        compare(way, stage + "retrieved messages", retrieved(recorded), retrieved(repeated));
    }

    /** Slots and rounds of what was put in; scores are an engine's own in the last digits. */
    private static String retrieved(StageReport stage) {
        List<String> chosen = new ArrayList<>();
        for (CandidateReport candidate : stage.candidates) {
            if (candidate.chosen) {
                chosen.add(candidate.slot + " of " + candidate.from + ", round " + candidate.round);
            }
        }
        return String.join("; ", chosen);
    }

    private void compare(String way, String field, Object recorded, Object repeated) {
        compared++;
        if (!Objects.equals(recorded, repeated)) {
            differences.add(new Difference(way, field, recorded == null ? null : recorded.toString(),
                    repeated == null ? null : repeated.toString()));
        }
    }

    public List<Difference> differences() {
        return differences;
    }

    /** Number of fields that were compared. */
    public int compared() {
        return compared;
    }

    /** Names of the files that are not the same in both, or that only one of them knows. */
    public List<String> changedArtifacts() {
        return changedArtifacts;
    }

    /** Names of the entries of the environment that differ. */
    public List<String> changedEnvironment() {
        return changedEnvironment;
    }

    /** Names whose checksums differ, or that only one of two runs has. */
    static List<String> changedArtifacts(Map<String, String> recorded, Map<String, String> repeated) {
        return changed(recorded, repeated);
    }

    private static List<String> changed(Map<String, String> recorded, Map<String, String> repeated) {
        Set<String> names = new LinkedHashSet<>(recorded.keySet());
        names.addAll(repeated.keySet());
        List<String> changed = new ArrayList<>();
        for (String name : names) {
            if (!Objects.equals(recorded.get(name), repeated.get(name))) {
                changed.add(name);
            }
        }
        return changed;
    }
}
