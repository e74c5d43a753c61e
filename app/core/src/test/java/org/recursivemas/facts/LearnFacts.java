package org.recursivemas.facts;

import java.util.List;
import java.util.Map;
import org.recursivemas.data.ModeReport;
import org.recursivemas.learn.Tour;
import org.recursivemas.learn.Tour.Step;
import org.recursivemas.learn.Tour.Way;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.toy.ToyTeam;

/** The guided tour without a page. */
final class LearnFacts {
    private LearnFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("tourRunsOneProblemInFiveWays", LearnFacts::tourRunsOneProblemInFiveWays);
        facts.put("tourCutsEveryLinkIntoTheDecidingAgent", LearnFacts::tourCutsEveryLinkIntoTheDecidingAgent);
        facts.put("tourRunsWhatIsMissingThenItsOwnWayAgain", LearnFacts::tourRunsWhatIsMissingThenItsOwnWayAgain);
        facts.put("tourForgetsNumbersOfAnotherProblem", LearnFacts::tourForgetsNumbersOfAnotherProblem);
        facts.put("tourHasTwoEnds", LearnFacts::tourHasTwoEnds);
    }

    private static Tour tour() {
        Tour tour = new Tour();
        tour.open(ToyTeam.chain());
        tour.take(new Playground.Problem("2 plus 2?", "4"));
        return tour;
    }

    private static String told(RunRequest request) {
        return request.modes() + " " + request.rounds() + " " + request.latentSteps() + " " + request.links();
    }

    static void tourRunsOneProblemInFiveWays() {
        Tour tour = tour();
        int steps = tour.latentSteps();
        Check.that(steps > 0, "latent steps: " + steps);
        Check.equal("[single] 1 0 {}", told(tour.request(Way.ALONE)), "alone");
        Check.equal("[text] 1 0 {}", told(tour.request(Way.TEXT)), "text");
        Check.equal("[latent] 1 " + steps + " {}", told(tour.request(Way.LATENT)), "latent");
        Check.equal("[latent] 2 " + steps + " {}", told(tour.request(Way.DEEPER)), "deeper");
        Check.equal("[latent] 1 " + steps + " {critic->solver=zero}", told(tour.request(Way.CUT)), "cut");
        for (Way way : Way.values()) {
            RunRequest request = tour.request(way);
            Check.equal("2 plus 2? 4 0.0 0", request.problem() + " " + request.expected() + " " + request.temperature() + " "
                    + request.seed(), "what stays the same");
        }
    }

    static void tourCutsEveryLinkIntoTheDecidingAgent() {
        Tour tour = tour();
        Check.equal("solver", tour.decider(), "who decides in a chain");
        tour.open(ToyTeam.mixture());
        List<String> links = tour.lastLinks();
        Check.that(links.size() > 1, "links of a mixture: " + links);
        for (String link : links) {
            Check.that(link.endsWith("->" + tour.decider()), link);
        }
    }

    static void tourRunsWhatIsMissingThenItsOwnWayAgain() {
        Tour tour = tour();
        Check.equal(List.of(), tour.toRun(), "the first page runs nothing");
        tour.go(Step.LATENT);
        Check.equal(List.of(Way.TEXT, Way.LATENT), tour.toRun(), "text was skipped");
        ModeReport text = new ModeReport();
        tour.ended(Way.TEXT, text);
        Check.equal(List.of(Way.LATENT), tour.toRun(), "text is there");
        tour.ended(Way.LATENT, new ModeReport());
        Check.equal(List.of(Way.LATENT), tour.toRun(), "again");
        Check.that(tour.result(Way.TEXT) == text, "kept");
        tour.go(Step.END);
        Check.equal(List.of(Way.ALONE, Way.DEEPER, Way.CUT), tour.toRun(), "what was left out");
        for (Way way : Way.values()) {
            tour.ended(way, new ModeReport());
        }
        Check.equal(List.of(), tour.toRun(), "all is there");
    }

    static void tourForgetsNumbersOfAnotherProblem() {
        Tour tour = tour();
        tour.go(Step.TEXT);
        tour.ended(Way.TEXT, new ModeReport());
        tour.take(new Playground.Problem("3 plus 3?", "6"));
        Check.that(tour.result(Way.TEXT) == null, "the old problem's");
        tour.ended(Way.TEXT, new ModeReport());
        tour.open(ToyTeam.chain());
        Check.that(tour.result(Way.TEXT) == null, "the old team's");
        Check.equal(Step.TEXT, tour.step(), "the page stays");
        Check.equal("3 plus 3?", tour.problem().text(), "the problem stays");
    }

    static void tourHasTwoEnds() {
        Tour tour = tour();
        Check.that(tour.before() == null, "nothing before the first page");
        int pages = 1;
        while (tour.after() != null) {
            Step from = tour.step();
            tour.go(tour.after());
            Check.equal(from, tour.before(), "the way back");
            pages++;
        }
        Check.equal(Step.values().length, pages, "pages");
        Check.equal(Step.END, tour.step(), "the last");
    }
}
