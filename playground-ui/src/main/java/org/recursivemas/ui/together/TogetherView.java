package org.recursivemas.ui.together;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.together.PeerMessage;
import org.recursivemas.together.RoomState;
import org.recursivemas.together.Together;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundState;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLSelectElement;
import org.teavm.jso.dom.html.HTMLTextAreaElement;

/** Opening and joining a room, who plays what, a run with its hand-offs, the answer. */
public final class TogetherView {
    private static final String[] EMPTY = {};

    private final Together together;
    private final PlaygroundState settings;
    private final HTMLInputElement name = Dom.input("text", "together-name");
    private final HTMLElement roles = Dom.element("fieldset", "together__roles");
    private final Map<String, HTMLInputElement> boxes = new LinkedHashMap<>();
    private final HTMLTextAreaElement servers = area("together-servers", 2, false);
    private final HTMLTextAreaElement invitation = area("together-invitation", 3, false);
    private final HTMLButtonElement create;
    private final HTMLButtonElement join;
    private final HTMLElement roleChoice;
    private final HTMLElement joining;
    private final HTMLElement notice = Dom.withId(Dom.text("p", "hint", ""), "together-notice");
    private final HTMLElement fault = Dom.withId(Dom.text("p", "together__fault", ""), "together-fault");
    private final HTMLElement status = Dom.withId(Dom.text("p", "status", ""), "together-status");
    private final HTMLElement loading = Dom.withId(Dom.text("p", "hint", ""), "together-loading");
    private final Table seats = new Table("together-seats", TogetherTexts.SEATS, TogetherTexts.SEAT_COLUMNS);
    private final HTMLTextAreaElement link = area("together-link", 3, true);
    private final HTMLTextAreaElement offer = area("together-code", 3, true);
    private final HTMLTextAreaElement replyIn = area("together-reply", 3, false);
    private final HTMLTextAreaElement replyOut = area("together-reply-code", 3, true);
    private final HTMLElement hosting;
    private final HTMLElement offered;
    private final HTMLElement replying;
    private final HTMLTextAreaElement problem = area("together-problem", 3, false);
    private final HTMLInputElement rounds = Dom.input("number", "together-rounds");
    private final HTMLInputElement steps = Dom.input("number", "together-steps");
    private final HTMLSelectElement encoding = (HTMLSelectElement) Dom.withId(Dom.element("select", ""),
            "together-encoding");
    private final HTMLElement asking;
    private final HTMLButtonElement run;
    private final HTMLButtonElement stop;
    private final HTMLElement running;
    private final HTMLElement inside;
    private final HTMLElement question = Dom.withId(Dom.text("p", "together__question", ""), "together-question");
    private final HTMLElement text = Dom.withId(Dom.text("p", "together__text", ""), "together-text");
    private final HTMLElement answer = Dom.withId(Dom.text("p", "together__answer", ""), "together-answer");
    private final HTMLElement taken = Dom.withId(Dom.text("p", "hint", ""), "together-taken");
    private final HTMLElement how = Dom.withId(Dom.text("p", "hint", ""), "together-settings");
    private final Table answers = new Table("together-answers", TogetherTexts.ANSWERS, TogetherTexts.ANSWER_COLUMNS);
    private final Table hops = new Table("together-hops", TogetherTexts.HOPS, TogetherTexts.HOP_COLUMNS);
    private final Table stages = new Table("together-stages", TogetherTexts.STAGES, TogetherTexts.STAGE_COLUMNS);
    private final HTMLElement element;
    private Team shown;
    /** The invitation of the page's address that was taken over last. */
    private String invitedBy = "";

    /**
     * Becomes the listener of {@code together}.
     *
     * @param settings what a run takes besides its problem and depth
     */
    public TogetherView(Together together, PlaygroundState settings) {
        this.together = together;
        this.settings = settings;
        create = button("together-create", TogetherTexts.CREATE, () -> together.create(name(TogetherTexts.HOST_NAME),
                chosen()));
        join = button("together-join", TogetherTexts.JOIN, () -> together.join(name(TogetherTexts.GUEST_NAME), chosen(),
                invitation.getValue(), servers.getValue()));
        roles.appendChild(Dom.text("legend", "", TogetherTexts.ROLES));
        roleChoice = Dom.element("div", "together__choice", field(TogetherTexts.NAME, name), roles);
        HTMLElement outside = create;
        joining = Dom.element("div", "", field(TogetherTexts.INVITATION, invitation), join);
        HTMLElement more = Dom.element("details", "", Dom.text("summary", "", TogetherTexts.SERVERS),
                field(TogetherTexts.SERVERS, servers), Dom.text("p", "hint", TogetherTexts.SERVERS_HINT));
        offered = Dom.element("div", "", copied(TogetherTexts.LINK, link), copied(TogetherTexts.CODE, offer),
                field(TogetherTexts.REPLY_IN, replyIn),
                button("together-connect", TogetherTexts.CONNECT, () -> together.accept(replyIn.getValue())));
        hosting = Dom.element("div", "", button("together-invite", TogetherTexts.INVITE, () -> {
            replyIn.setValue("");
            together.invite(servers.getValue());
        }), offered);
        replying = copied(TogetherTexts.REPLY_OUT, replyOut);
        for (String[] each : TogetherTexts.ENCODINGS) {
            encoding.appendChild(Dom.with(Dom.text("option", "", each[1]), "value", each[0]));
        }
        Dom.with(rounds, "min", "1", "max", "5");
        Dom.with(steps, "min", "0", "max", "80");
        run = button("together-run", TogetherTexts.RUN, () -> together.start(this::request, encoding.getValue()));
        asking = Dom.element("div", "", field(TogetherTexts.PROBLEM, problem), Dom.element("div", "row together__row",
                field(TogetherTexts.ROUNDS, rounds), field(TogetherTexts.STEPS, steps),
                field(TogetherTexts.ENCODING, encoding)), taken, Dom.text("p", "hint", TogetherTexts.LATENT_ONLY));
        run.setClassName("button button--primary");
        stop = button("together-stop", TogetherTexts.STOP, together::stop);
        running = Dom.element("div", "together__run", question, how, text, answer, answers.element,
                hops.element, stages.element);
        inside = Dom.element("div", "together__inside", seats.element, hosting, asking,
                Dom.element("div", "row", run, stop), running,
                button("together-leave", TogetherTexts.LEAVE, together::leave));
        status.setAttribute("role", "status");
        notice.setAttribute("role", "status");
        answer.setAttribute("role", "status");
        fault.setAttribute("role", "alert");
        element = Dom.section("together", TogetherTexts.TITLE, Dom.text("p", "", TogetherTexts.INTRO),
                Dom.text("p", "", TogetherTexts.PRIVACY), roleChoice, outside, joining, more, notice, status, loading,
                fault, replying, inside);
        together.setListener(this::render);
    }

    private static HTMLTextAreaElement area(String id, int rows, boolean fixed) {
        HTMLTextAreaElement area = (HTMLTextAreaElement) Dom.withId(Dom.element("textarea", ""), id);
        area.setAttribute("rows", Integer.toString(rows));
        Dom.setAttribute(area, "readonly", fixed ? "" : null);
        return area;
    }

    private static HTMLButtonElement button(String id, String label, Runnable action) {
        HTMLButtonElement button = Dom.button("button", label, action);
        button.setId(id);
        return button;
    }

    private static HTMLElement field(String label, HTMLElement control) {
        return Dom.element("div", "together__field", Dom.label(label, control.getId()), control);
    }

    private static HTMLElement copied(String label, HTMLTextAreaElement area) {
        HTMLButtonElement copy = Dom.button("button", TogetherTexts.COPY, () -> copy(area.getValue(), area));
        copy.setAttribute("aria-label", TogetherTexts.COPY + ": " + label);
        return Dom.element("div", "together__field", Dom.label(label, area.getId()), area, copy);
    }

    /** To the clipboard; where that is not allowed the text is selected. */
    @JSBody(params = {"text", "area"}, script = "area.select(); if (navigator.clipboard) {"
            + " navigator.clipboard.writeText(text).catch(function() { area.select(); }); }")
    private static native void copy(String text, HTMLTextAreaElement area);

    public HTMLElement element() {
        return element;
    }

    private String name(String otherwise) {
        return name.getValue().isBlank() ? otherwise : name.getValue().trim();
    }

    private List<String> chosen() {
        List<String> chosen = new ArrayList<>();
        boxes.forEach((agent, box) -> {
            if (box.isChecked()) {
                chosen.add(agent);
            }
        });
        return chosen;
    }

    /** Nothing typed is 0, which is refused with the range. */
    private static int number(HTMLInputElement input) {
        String value = input.getValue();
        return value.matches("\\d{1,3}") ? Integer.parseInt(value) : -1;
    }

    private RunRequest request() {
        return settings.inRoom(problem.getValue(), number(rounds), number(steps));
    }

    /** What a run would take from the settings, or what is wrong with them. */
    private String taken() {
        try {
            return TogetherTexts.settings(settings.inRoom(TogetherTexts.QUESTION, 1, 0));
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    /** Shows what is. */
    public void render() {
        Team team = together.team();
        Dom.show(element, team != null);
        if (team == null) {
            return;
        }
        if (team != shown) {
            build(team);
        }
        if (!together.invitation().equals(invitedBy)) {
            invitedBy = together.invitation();
            invitation.setValue(invitedBy);
        }
        RoomState state = together.state();
        RoomState.Phase phase = state.phase();
        boolean outside = phase == RoomState.Phase.OUTSIDE;
        boolean apart = phase == RoomState.Phase.APART;
        Dom.show(roleChoice, outside);
        Dom.show(create, outside);
        Dom.show(joining, outside || apart);
        Dom.setText(join, apart ? TogetherTexts.REJOIN : TogetherTexts.JOIN);
        Dom.setText(notice, together.notice());
        Dom.setText(status, status(state));
        Dom.setText(loading, state.loading());
        Dom.setText(fault, state.fault());
        Dom.show(inside, !outside);
        Dom.show(hosting, state.host());
        Dom.show(offered, !together.code().isEmpty());
        Dom.show(replying, !state.host() && !together.code().isEmpty());
        value(link, together.link());
        value(offer, together.code());
        value(replyOut, together.code());
        Dom.show(asking, state.host());
        Dom.show(run, state.host());
        Dom.enable(run, !state.running());
        Dom.enable(stop, state.running());
        seats(state);
        Dom.show(running, !state.problem().isEmpty());
        Dom.setText(question, TogetherTexts.QUESTION + state.problem());
        Dom.setText(taken, taken());
        Dom.setText(how, state.request() == null ? "" : TogetherTexts.described(state.request()));
        Dom.setText(text, state.text());
        Dom.setText(answer, state.answer().isEmpty() ? "" : TogetherTexts.ANSWER + state.answer());
        transcript(state);
    }

    private static void value(HTMLTextAreaElement area, String value) {
        if (!area.getValue().equals(value)) {
            area.setValue(value);
        }
    }

    private void build(Team team) {
        shown = team;
        boxes.values().forEach(box -> roles.removeChild(box.getParentNode()));
        boxes.clear();
        for (AgentSpec agent : team.agents) {
            HTMLInputElement box = Dom.input("checkbox", "together-role-" + agent.id);
            boxes.put(agent.id, box);
            roles.appendChild(Dom.element("div", "together__role", box, Dom.label(title(agent.id), box.getId())));
        }
        if (!team.examples.isEmpty()) {
            problem.setValue(team.examples.get(0));
        }
        rounds.setValue(Integer.toString(team.rounds));
        steps.setValue(Integer.toString(team.latentSteps));
    }

    private String title(String agent) {
        for (AgentSpec spec : shown.agents) {
            if (spec.id.equals(agent) && spec.title != null && !spec.title.isBlank()) {
                return spec.title;
            }
        }
        return agent;
    }

    private static String status(RoomState state) {
        switch (state.phase()) {
            case OUTSIDE:
                return "";
            case JOINING:
                return TogetherTexts.JOINING;
            case APART:
                return TogetherTexts.APART;
            default:
                return (state.running() ? TogetherTexts.RUNNING : state.stopped() ? TogetherTexts.STOPPED
                        : state.millis() > 0 ? TogetherTexts.done(state.millis()) : TogetherTexts.READY)
                        + (state.silent() ? TogetherTexts.SILENT : "");
        }
    }

    private void seats(RoomState state) {
        List<String[]> rows = new ArrayList<>();
        for (PeerMessage.Seat seat : state.seats()) {
            rows.add(new String[] {title(seat.agent()), seat.player(), TogetherTexts.state(seat.state())});
        }
        seats.show(rows);
    }

    private void transcript(RoomState state) {
        List<String[]> handed = new ArrayList<>();
        for (PeerMessage.Hop hop : state.hops()) {
            handed.add(new String[] {"" + hop.round(), title(hop.from()), title(hop.to()), hop.rows() + " \u00d7 "
                    + hop.width(), "" + hop.bytes(), hop.encoding(), "" + Math.round(hop.millis())});
        }
        hops.show(handed);
        List<String[]> written = new ArrayList<>();
        for (PeerMessage.Answer each : state.answers()) {
            written.add(new String[] {"" + each.seed(), each.answer(), "" + each.tokens(), each.text()});
        }
        answers.show(written);
        List<String[]> done = new ArrayList<>();
        for (PeerMessage.Stage stage : state.stages()) {
            done.add(new String[] {"" + stage.round(), title(stage.agent()), stage.player(), "" + stage.positions(),
                    "" + stage.tokens(), "" + Math.round(stage.millis())});
        }
        stages.show(done);
    }

    /** A table whose rows are made anew where they changed. */
    private static final class Table {
        final HTMLElement element;
        private final HTMLElement body = Dom.element("tbody", "");
        private final List<String[]> shown = new ArrayList<>();

        Table(String id, String caption, String[] columns) {
            HTMLElement head = Dom.element("tr", "");
            for (String column : columns) {
                HTMLElement cell = Dom.text("th", "", column);
                cell.setAttribute("scope", "col");
                head.appendChild(cell);
            }
            HTMLElement table = Dom.withId(Dom.element("table", "together__table", Dom.text("caption", "", caption),
                    Dom.element("thead", "", head), body), id);
            element = Dom.element("div", "together__scroll", table);
            Dom.with(element, "tabindex", "0", "role", "region", "aria-label", caption);   // scrolled by the keyboard too
        }

        void show(List<String[]> rows) {
            Dom.show(element, !rows.isEmpty());
            for (int i = 0; i < Math.max(rows.size(), shown.size()); i++) {
                String[] was = i < shown.size() ? shown.get(i) : EMPTY;
                String[] is = i < rows.size() ? rows.get(i) : EMPTY;
                if (List.of(was).equals(List.of(is))) {
                    continue;
                }
                HTMLElement row = Dom.element("tr", "");
                for (String cell : is) {
                    row.appendChild(Dom.text("td", "", cell));
                }
                if (i >= shown.size()) {
                    body.appendChild(row);
                } else if (i >= rows.size()) {
                    body.removeChild(body.getLastChild());
                } else {
                    body.replaceChild(row, body.getChildNodes().get(i));
                }
            }
            shown.clear();
            shown.addAll(rows);
        }
    }
}
