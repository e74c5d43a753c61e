package org.recursivemas.learn;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.Team;
import org.recursivemas.measure.Conditions;
import org.recursivemas.measure.Setting;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.team.LinkSwap;
import org.recursivemas.team.TeamPlan;

/**
 * Where a person stands in the guided tour, and the runs that were made on the way. All runs are of one problem, greedy, so
 * that only what a step is about changes from one to the next. Another problem, or another team, starts the numbers anew.
 */
public final class Tour {
    /** A way of answering that the tour runs. */
    public enum Way {
        /** The last agent alone. */
        ALONE,
        /** The team writes, one round. */
        TEXT,
        /** The team hands over latents, one round. */
        LATENT,
        /** The same, two rounds. */
        DEEPER,
        /** As {@link #LATENT}, but zeros arrive at the last agent. */
        CUT
    }

    /** A page of the tour: what it runs is its last way, the others stand beside for comparison. */
    public enum Step {
        START, ALONE(Way.ALONE), TEXT(Way.ALONE, Way.TEXT), LATENT(Way.TEXT, Way.LATENT), DEPTH(Way.LATENT, Way.DEEPER),
        CUT(Way.LATENT, Way.CUT), END(Way.values());

        private final List<Way> ways;

        Step(Way... ways) {
            this.ways = List.of(ways);
        }

        /** The ways whose numbers this page shows, in order; none on the first page. */
        public List<Way> ways() {
            return ways;
        }
    }

    private static final int STEPS_WITHOUT_ADVICE = 16;

    private final Map<Way, ModeReport> results = new EnumMap<>(Way.class);
    private Step step = Step.START;
    private Team team;
    private Playground.Problem problem;

    /** A team is open: the tour is about it from now on. The page of the tour stays. */
    public void open(Team opened) {
        team = opened;
        results.clear();
    }

    /** Takes a problem for all further runs. */
    public void take(Playground.Problem taken) {
        problem = taken;
        results.clear();
    }

    /** The problem, or null before there is one. */
    public Playground.Problem problem() {
        return problem;
    }

    public Step step() {
        return step;
    }

    public void go(Step to) {
        step = to;
    }

    /** The page before, or null on the first. */
    public Step before() {
        return step.ordinal() == 0 ? null : Step.values()[step.ordinal() - 1];
    }

    /** The next page, or null on the last. */
    public Step after() {
        return step.ordinal() == Step.values().length - 1 ? null : Step.values()[step.ordinal() + 1];
    }

    /**
     * What Run does on this page: whatever it shows and has not been run, and where all has been run, its own way again.
     * On the last page nothing is run again.
     */
    public List<Way> toRun() {
        List<Way> missing = new ArrayList<>();
        for (Way way : step.ways()) {
            if (!results.containsKey(way)) {
                missing.add(way);
            }
        }
        if (missing.isEmpty() && step != Step.START && step != Step.END) {
            missing.add(step.ways().get(step.ways().size() - 1));
        }
        return missing;
    }

    /** Latent steps of the tour's latent runs: the team's. */
    public int latentSteps() {
        return team.latentSteps > 0 ? Math.min(team.latentSteps, Setting.MAX_LATENT_STEPS) : STEPS_WITHOUT_ADVICE;
    }

    /** The agent that writes the answer: no other reads on from it in the same round. */
    public String decider() {
        List<String> agents = new ArrayList<>();
        team.agents.forEach(agent -> agents.add(agent.id));
        for (HandOff handOff : team.handOffs) {
            if (!handOff.feedback) {
                agents.remove(handOff.from);
            }
        }
        return agents.get(agents.size() - 1);
    }

    /** The outer links through which the deciding agent hears from the others, by name. */
    public List<String> lastLinks() {
        List<String> names = new ArrayList<>();
        for (HandOff handOff : team.handOffs) {
            String name = handOff.from + "->" + handOff.to;
            if (!handOff.feedback && handOff.to.equals(decider()) && !names.contains(name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** The run of a way. Only with a team and a problem. */
    public RunRequest request(Way way) {
        Setting setting = way == Way.ALONE ? Setting.single() : way == Way.TEXT ? Setting.text(1)
                : Setting.latent(way == Way.DEEPER ? 2 : 1, latentSteps());
        RunRequest request = setting.request(problem.text(), problem.answer(), Conditions.plain(0, 0, Map.of()));
        if (way != Way.CUT) {
            return request;
        }
        Map<String, String> swaps = new LinkedHashMap<>();
        lastLinks().forEach(name -> swaps.put(name, LinkSwap.ZERO));
        return request.withLinks(swaps);
    }

    /**
     * Why the open team cannot be run in a way, for people; null when it can.
     *
     * @param links what its link file holds; null as long as it is not known
     */
    public String lacking(Way way, LinkIndex links) {
        RunRequest request = request(way);
        if (way == Way.ALONE) {
            boolean alone = team.agents.stream().anyMatch(agent -> agent.id.equals(decider()) && agent.userAlone != null);
            return alone ? null : "agent " + decider() + " has no prompt for working alone (user_alone)";
        }
        TeamPlan plan = TeamPlan.of(team, team.id);
        if (request.rounds() > 1 && !plan.hasFeedback()) {
            return "team " + team.id + " has no feedback hand-off, so it cannot go round twice";
        }
        return way == Way.TEXT || links == null ? null : links.fault(plan, request.rounds(), request.latentSteps());
    }

    /** Enters what a run brought. */
    public void ended(Way way, ModeReport report) {
        results.put(way, report);
    }

    /** What a way brought on the present problem, or null. */
    public ModeReport result(Way way) {
        return results.get(way);
    }
}
