package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.recursivemas.playground.Playground;
import org.recursivemas.together.Together;
import org.recursivemas.ui.inside.InsideView;
import org.recursivemas.ui.learn.LearnView;
import org.recursivemas.ui.measure.BrowserJson;
import org.recursivemas.ui.measure.Measure;
import org.recursivemas.ui.models.BrowserPlace;
import org.recursivemas.ui.models.ModelPlace;
import org.recursivemas.ui.models.ModelsView;
import org.recursivemas.ui.search.SearchView;
import org.recursivemas.ui.team.TeamView;
import org.recursivemas.ui.together.TogetherView;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLDocument;
import org.teavm.jso.dom.html.HTMLElement;

/**
 * The page. Mounts into the element with the id {@code playground}, whose attribute {@code data-team} names the team
 * file, relative to the page, and {@code data-teams} all teams of the site. {@code ?team=ADDRESS} in the page's address
 * opens another one ({@link TeamAddress}).
 */
public final class PlaygroundPage {
    private static final String ROOT = "playground";

    private PlaygroundPage() {
    }

    /**
     * Builds the page around a playground, becomes its listener and has it open the team.
     *
     * @throws IllegalStateException when the document has no element {@code playground} with {@code data-team}
     */
    public static void mount(Playground playground, Together together) {
        mount(playground, together, new BrowserPlace());
    }

    /** The same, with models that are kept in {@code place}. */
    public static void mount(Playground playground, Together together, ModelPlace place) {
        HTMLElement root = HTMLDocument.current().getElementById(ROOT);
        String own = root == null ? null : root.getAttribute("data-team");
        String team = own == null || own.isEmpty() ? own : TeamAddress.choose(asked(), own);
        if (team == null || team.isEmpty()) {
            throw new IllegalStateException(
                    "the document needs an element with id=\"" + ROOT + "\" and data-team=\"URL\"");
        }
        Random random = new Random();
        PlaygroundState state = new PlaygroundState();
        Views views = new Views(state, together, place);
        PlaygroundController controller =
                new PlaygroundController(playground, state, () -> random.nextInt(Integer.MAX_VALUE), views::render);
        views.build(root, controller, new TeamsView(root.getAttribute("data-teams"), team));
        controller.start(team);
    }

    /** Loads the page anew with another team, at the tour. */
    @JSBody(params = "address", script = "var query = '?team=' + encodeURIComponent(address);"
            + " var same = location.search === query; location.href = location.pathname + query + '#learn';"
            + " if (same) { location.reload(); }")
    private static native void openTeam(String address);

    /** The value of {@code team} in the page's address, or null. */
    @JSBody(script = "return new URLSearchParams(location.search).get('team');")
    private static native String asked();

    /** All parts of the page. */
    private static final class Views {
        private final PlaygroundState state;
        private final TogetherView shared;
        private final ModelPlace place;
        private List<View> views = List.of();

        Views(PlaygroundState state, Together together, ModelPlace place) {
            this.state = state;
            this.place = place;
            shared = new TogetherView(together, state);
        }

        void build(HTMLElement root, PlaygroundController controller, TeamsView teams) {
            ModelsView models = new ModelsView(place, this::render);
            TeamView team = new TeamView(controller, new BrowserJson(), models.choices());
            Measure measure = new Measure(controller, state, this::render);
            views = new ArrayList<>(List.of(teams, new ProblemView(controller), new SettingsView(controller),
                    new SearchView(controller), new RunView(controller), new LoopView(), new ResultsView(state), new InsideView(controller),
                    new RolesView(controller)));
            views.addAll(measure.besideRun());
            Dom.clear(root);
            HTMLElement skip = Dom.text("a", "skip", Texts.SKIP);
            skip.setAttribute("href", "#problem-box");
            root.appendChild(Dom.element("header", "masthead", skip, Dom.text("h1", "", Texts.TITLE),
                    Dom.text("p", "intro", Texts.INTRO), Language.picker()));
            HTMLElement run = Dom.element("div", "parts");
            for (View view : views) {
                run.appendChild(view.element());
            }
            HTMLElement how = Dom.element("ul", "");
            for (String line : Texts.HOW) {
                how.appendChild(Dom.text("li", "", line));
            }
            HTMLElement learn = alone(new LearnView(controller, measure.runner(), measure::keepOfTour, this::render,
                    () -> openTeam(root.getAttribute("data-team"))));
            learn.appendChild(Dom.section("how", Texts.HOW_TITLE, how));
            HTMLElement main = Dom.element("main", "");
            root.appendChild(main);
            // What hinders a section hinders all of them, so it is said above them.
            main.appendChild(alone(new UnavailableView()));
            main.appendChild(alone(new ErrorView(controller)));
            main.appendChild(alone(new NoteView()));
            new Tabs(List.of(
                    new Tabs.Section("run", Texts.TAB_RUN, run),
                    new Tabs.Section("team-edit", Texts.TAB_TEAM, alone(team), team::shown),
                    new Tabs.Section("benchmark", Texts.TAB_BENCHMARK, alone(measure.benchmark())),
                    new Tabs.Section("models", Texts.TAB_MODELS, alone(models), models::shown),
                    new Tabs.Section("history", Texts.TAB_HISTORY, alone(measure.history())),
                    new Tabs.Section("together", Texts.TAB_TOGETHER, Dom.element("div", "parts", shared.element())),
                    new Tabs.Section("learn", Texts.TAB_LEARN, learn))).mount(main);
            Help.attach();
            measure.load();
        }

        /** A part of the page that consists of one view, which is rendered with the others. */
        private HTMLElement alone(View view) {
            views.add(view);
            return Dom.element("div", "parts", view.element());
        }

        void render() {
            for (View view : views) {
                view.render(state);
            }
            shared.render();
        }
    }
}
