package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.teavm.jso.dom.html.HTMLElement;

/** The rounds of a run one below the other: who has thought or written, who is at it, and where feedback goes round. */
final class LoopTrack {
    private static final class Place {
        final String agent;
        final int round;
        final HTMLElement box = Dom.element("li", "place");
        final HTMLElement said = Dom.text("span", "place__said", "");

        Place(String agent, int round, String title) {
            this.agent = agent;
            this.round = round;
            box.appendChild(Dom.text("span", "place__agent", title));
            box.appendChild(said);
        }
    }

    private final HTMLElement element = Dom.withId(Dom.element("ol", "track"), "loop-track");
    private final List<Place> places = new ArrayList<>();
    private final List<HTMLElement> names = new ArrayList<>();
    private final List<HTMLElement> backs = new ArrayList<>();
    private Team team;
    private String mode;
    private int rounds;

    LoopTrack() {
        element.setAttribute("aria-label", Texts.TRACK);
    }

    HTMLElement element() {
        return element;
    }

    /** @param run the run that is shown, or null before there is one */
    void render(PlaygroundState state, String shownMode, ModeRun run, int shownRounds) {
        if (team != state.team() || !shownMode.equals(mode) || shownRounds != rounds) {
            team = state.team();
            mode = shownMode;
            rounds = shownRounds;
            build(state);
        }
        Dom.setClass(element, "track is-" + mode);
        int last = lastRound(run);
        for (int i = 0; i < names.size(); i++) {
            Dom.setText(names.get(i), Texts.round(i + 1, run == null ? null : run.report()));
        }
        for (Place place : places) {
            StageReport done = find(run, place);
            boolean active = run != null && place.agent.equals(run.activeAgent()) && place.round == run.activeRound();
            Dom.setClass(place.box, active ? "place is-active" : done != null ? "place is-done" : "place");
            Dom.setText(place.said, active ? Texts.kind(run.activeKind()) + "\u2026"
                    : done != null ? Texts.stageDone(done) : place.round > last ? Texts.STAGE_NOT_NEEDED : Texts.STAGE_WAITS);
        }
        for (int i = 0; i < backs.size(); i++) {
            boolean went = run != null && run.activeRound() > i + 1;
            Dom.setClass(backs.get(i), went ? "track__back is-done" : "track__back");
        }
    }

    /** The round that the answer belongs to, be it before the last allowed one; as long as nobody answers, none is the last. */
    private static int lastRound(ModeRun run) {
        if (run != null) {
            if ("answer".equals(run.activeKind())) {
                return run.activeRound();
            }
            for (StageReport stage : run.stages()) {
                if (stage.kind.equals("answer")) {
                    return stage.round;
                }
            }
        }
        return Integer.MAX_VALUE;
    }

    private static StageReport find(ModeRun run, Place place) {
        if (run != null) {
            for (StageReport stage : run.stages()) {
                if (stage.agent.equals(place.agent) && stage.round == place.round) {
                    return stage;
                }
            }
        }
        return null;
    }

    private void build(PlaygroundState state) {
        Dom.clear(element);
        places.clear();
        backs.clear();
        names.clear();
        boolean single = mode.equals(PlaygroundState.SINGLE);
        boolean feedback = !single && team.handOffs.stream().anyMatch(handOff -> handOff.feedback);
        for (int round = 1; round <= rounds; round++) {
            HTMLElement row = Dom.element("ol", "track__places");
            for (AgentSpec agent : team.agents) {
                if (!single || state.decides(agent.id)) {
                    Place place = new Place(agent.id, round, state.agentTitle(agent.id));
                    places.add(place);
                    row.appendChild(place.box);
                }
            }
            HTMLElement name = Dom.text("span", "track__name", Texts.round(round));
            names.add(name);
            HTMLElement line = Dom.element("li", "track__round", name, row);
            if (feedback && round < rounds) {
                HTMLElement back = Dom.text("span", "track__back", Texts.GOES_BACK);
                backs.add(back);
                line.appendChild(back);
            }
            element.appendChild(line);
        }
    }
}
