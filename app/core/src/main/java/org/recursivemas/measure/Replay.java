package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkSwap;

/** The runs that repeat what a report tells of, one for each of its ways. */
public final class Replay {
    private Replay() {
    }

    /**
     * @param team the team that is open
     * @throws IllegalArgumentException for people, when the report cannot be repeated with this team
     */
    public static List<RunRequest> requests(RunReport report, Team team) {
        if (report.modes.isEmpty()) {
            throw new IllegalArgumentException("The report holds no finished run, so there is nothing to repeat.");
        }
        if (!team.id.equals(report.team)) {
            throw new IllegalArgumentException("The report is of team \"" + report.team + "\", and \"" + team.id
                    + "\" is open. Open that team (?team=ADDRESS) and import the report again.");
        }
        if (report.search != null) {
            throw new IllegalArgumentException("The report's searches asked " + report.search + ". What a server answers "
                    + "changes, and nothing is sent there unless you choose it for a run, so this run is not repeated.");
        }
        Map<String, String> systems = changedSystems(report.systems, team);
        LinkSwap.require(report.links, LinkSwap.widths(team));
        List<RunRequest> requests = new ArrayList<>();
        for (int i = 0; i < report.modes.size(); i++) {
            ModeReport mode = report.modes.get(i);
            Setting setting = mode.stopEarly == 0 ? Setting.of(mode)
                    : new Setting(mode.mode, mode.mostRounds, mode.latentSteps);
            requests.add(setting.request(report.problem, report.expected, Conditions.plain(report.temperature,
                    report.seed, systems))
                    .withLinks(report.links).sampling(report.topP, report.answers).stoppingEarly(mode.stopEarly)
                    .retrieving(mode.retrieval));
        }
        return requests;
    }

    /**
     * The system messages that are not the team's own.
     *
     * @throws IllegalArgumentException for people, when one is of an agent that the team does not have
     */
    public static Map<String, String> changedSystems(Map<String, String> systems, Team team) {
        Map<String, String> changed = new LinkedHashMap<>(systems);
        for (AgentSpec agent : team.agents) {
            String own = agent.system == null ? "" : agent.system;
            if (own.equals(changed.get(agent.id))) {
                changed.remove(agent.id);
            }
        }
        for (String agent : changed.keySet()) {
            if (team.agents.stream().noneMatch(known -> known.id.equals(agent))) {
                throw new IllegalArgumentException("Team \"" + team.id + "\" has no agent \"" + agent
                        + "\", for which there is a system message. Open the team that this belongs to.");
            }
        }
        return changed;
    }

    /** Enters the ways of one run into the report of several on the same problem. The first brings everything else. */
    public static RunReport merge(RunReport sum, RunReport next) {
        if (sum == null) {
            return next;
        }
        sum.modes.addAll(next.modes);
        return sum;
    }
}
