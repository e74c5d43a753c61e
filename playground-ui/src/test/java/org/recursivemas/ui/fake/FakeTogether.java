package org.recursivemas.ui.fake;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.recursivemas.data.Team;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.together.HostRoom;
import org.recursivemas.together.LatentBlock;
import org.recursivemas.together.LatentEncoding;
import org.recursivemas.together.Part;
import org.recursivemas.together.RoomState;
import org.recursivemas.together.TeamCard;
import org.recursivemas.together.Together;
import org.teavm.jso.browser.Window;
import org.teavm.jso.dom.events.Event;

/** A room without a network: the real host, whose part is ready at once and never answers. */
public final class FakeTogether implements Together {
    private final Playground playground;
    private final RoomState outside = new RoomState();
    private Runnable changed = () -> { };
    private HostRoom room;
    private String code = "";
    private String notice = "";
    private String invited = "";

    public FakeTogether(Playground playground) {
        this.playground = playground;
        Window.current().addEventListener("hashchange", (Event event) -> {
            String hash = Window.current().getLocation().getHash();
            invited = hash.startsWith("#together=") ? hash.substring("#together=".length()) : "";
            changed.run();
        });
    }

    @Override
    public void setListener(Runnable listener) {
        changed = listener;
    }

    @Override
    public Team team() {
        return playground.team();
    }

    @Override
    public RoomState state() {
        return room == null ? outside : room.state();
    }

    @Override
    public String code() {
        return code;
    }

    @Override
    public String link() {
        return code.isEmpty() ? "" : "http://localhost/#together=" + code;
    }

    @Override
    public String invitation() {
        return invited;
    }

    @Override
    public String notice() {
        return notice;
    }

    @Override
    public void create(String name, List<String> agents) {
        Part part = new Part() {
            @Override
            public void load(List<String> wanted, Loading loading) {
                loading.ready();
            }

            @Override
            public void work(RunRequest request, Schedule.Visit visit, Map<String, LatentBlock> slots,
                    Working working) {
                working.text("so far", 2);
            }

            @Override
            public void stop() {
                notice = "";
            }

            @Override
            public void close() {
                notice = "";
            }
        };
        TeamCard card = new TeamCard(team().id, "", "", List.of());
        HostRoom[] made = {null};
        made[0] = new HostRoom(TeamPlan.of(team(), "team.json"), card, part, () -> 0, name, agents,
                () -> changed.run());
        room = made[0];
        changed.run();
    }

    @Override
    public void invite(String servers) {
        code = "abc-123";
        changed.run();
    }

    @Override
    public void accept(String reply) {
        notice = "accepted " + reply;
        changed.run();
    }

    @Override
    public void join(String name, List<String> agents, String invitation, String servers) {
        notice = name + " joins by " + invitation + " as " + agents;
        changed.run();
    }

    @Override
    public void start(Supplier<RunRequest> request, String encoding) {
        try {
            room.start(request.get(), LatentEncoding.of(encoding));
        } catch (IllegalArgumentException e) {
            notice = e.getMessage();
            changed.run();
        }
    }

    @Override
    public void stop() {
        room.stop();
    }

    @Override
    public void leave() {
        HostRoom old = room;
        room = null;
        old.leave();
        changed.run();
    }
}
