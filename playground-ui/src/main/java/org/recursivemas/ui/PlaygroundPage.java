package org.recursivemas.ui;

import java.util.List;
import java.util.Random;
import org.recursivemas.playground.Playground;
import org.recursivemas.together.Together;
import org.recursivemas.ui.together.TogetherView;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLDocument;
import org.teavm.jso.dom.html.HTMLElement;

/**
 * The page. Mounts into the element with the id {@code playground}, whose attribute {@code data-team} names the team
 * file, relative to the page. {@code ?team=ADDRESS} in the page's address opens another one ({@link TeamAddress}).
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
        HTMLElement root = HTMLDocument.current().getElementById(ROOT);
        String own = root == null ? null : root.getAttribute("data-team");
        String team = own == null || own.isEmpty() ? own : TeamAddress.choose(asked(), own);
        if (team == null || team.isEmpty()) {
            throw new IllegalStateException(
                    "the document needs an element with id=\"" + ROOT + "\" and data-team=\"URL\"");
        }
        Random random = new Random();
        PlaygroundState state = new PlaygroundState();
        Views views = new Views(state, together);
        PlaygroundController controller =
                new PlaygroundController(playground, state, () -> random.nextInt(Integer.MAX_VALUE), views::render);
        views.build(root, controller);
        controller.start(team);
    }

    /** The value of {@code team} in the page's address, or null. */
    @JSBody(script = "return new URLSearchParams(location.search).get('team');")
    private static native String asked();

    /** All parts of the page. */
    private static final class Views {
        private final PlaygroundState state;
        private final TogetherView shared;
        private List<View> views = List.of();

        Views(PlaygroundState state, Together together) {
            this.state = state;
            shared = new TogetherView(together);
        }

        void build(HTMLElement root, PlaygroundController controller) {
            views = List.of(new UnavailableView(), new ProblemView(controller), new SettingsView(controller),
                    new RunView(controller), new ErrorView(controller), new LoopView(), new ResultsView(state),
                    new RolesView(controller));
            Dom.clear(root);
            HTMLElement skip = Dom.text("a", "skip", Texts.SKIP);
            skip.setAttribute("href", "#problem-box");
            root.appendChild(Dom.element("header", "masthead", skip, Dom.text("h1", "", Texts.TITLE),
                    Dom.text("p", "intro", Texts.INTRO)));
            HTMLElement main = Dom.element("main", "parts");
            for (View view : views) {
                main.appendChild(view.element());
            }
            main.appendChild(shared.element());
            HTMLElement how = Dom.element("ul", "");
            for (String line : Texts.HOW) {
                how.appendChild(Dom.text("li", "", line));
            }
            main.appendChild(Dom.section("how", Texts.HOW_TITLE, how));
            root.appendChild(main);
        }

        void render() {
            for (View view : views) {
                view.render(state);
            }
            shared.render();
        }
    }
}
