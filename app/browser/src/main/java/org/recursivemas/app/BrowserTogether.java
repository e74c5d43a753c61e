package org.recursivemas.app;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.together.GuestRoom;
import org.recursivemas.together.HostRoom;
import org.recursivemas.together.LatentEncoding;
import org.recursivemas.together.PeerChannel;
import org.recursivemas.together.RemotePart;
import org.recursivemas.together.Room;
import org.recursivemas.together.RoomState;
import org.recursivemas.together.TeamCard;
import org.recursivemas.together.Together;
import org.teavm.jso.core.JSString;

/** Rooms over WebRTC. The models of the agents played here run in a worker of their own. */
final class BrowserTogether implements Together {
    private static final String LIBRARY = "peers.js";
    private static final int TICK_MILLIS = 250;

    private final FlavourCodec codec;
    private final BrowserPlayground playground;
    private final String base;
    private final String member = WebRtc.randomName();
    private final RoomState outside = new RoomState();
    private Runnable changed = () -> { };
    private Room room;
    private List<String> agents = List.of();
    /** Host: the connection that the last invitation is for. */
    private WebRtc invited;
    private String code = "";
    private String link = "";
    private String notice = "";

    BrowserTogether(FlavourCodec codec, BrowserPlayground playground, String base) {
        this.codec = codec;
        this.playground = playground;
        this.base = base;
        WebRtc.every(() -> {
            if (room != null) {
                room.tick();
            }
        }, TICK_MILLIS);
        WebRtc.onAddress(() -> changed.run());
        WebRtc.onLeaving(() -> {
            if (room != null) {
                room.goodbye();   // the others hear it at once, not when the connection is missed
            }
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
        return link;
    }

    @Override
    public String invitation() {
        return WebRtc.invitation();
    }

    @Override
    public String notice() {
        return notice;
    }

    /** Something that waits. What goes wrong is the notice. */
    private void begin(String doing, Runnable task) {
        notice = doing;
        changed.run();
        new Thread(() -> {
            try {
                task.run();
                if (notice.equals(doing)) {
                    notice = "";
                }
            } catch (JavaScriptException e) {
                notice = "The connection could not be made (" + e.getMessage() + "). Reload the page.";
            } catch (RuntimeException e) {
                notice = Failure.of(e).message;
            }
            changed.run();
        }).start();
    }

    private void requireWebRtc() {
        if (!WebRtc.available()) {
            throw new IllegalStateException("This browser has no WebRTC data channels. Use a current one.");
        }
        if (Web.unavailableReason() != null) {
            throw new IllegalStateException(Web.unavailableReason());
        }
        Promises.await(WebRtc.library(base + LIBRARY));
    }

    @Override
    public void create(String name, List<String> chosen) {
        begin("Reading the team's files\u2026", () -> {
            requireWebRtc();
            TeamFiles files = TeamFiles.fetch(playground.teamUrl(), codec);
            TeamCard card = card(files);
            agents = chosen;
            room = new HostRoom(TeamPlan.of(files.team(), files.url()), card, part(files), Web::millis, name, chosen,
                    () -> changed.run());
        });
    }

    private RemotePart part(TeamFiles files) {
        return new RemotePart(WorkerPort.opener(codec, base + Scripts.WORKER, EngineMain.PART), base, Scripts.VERSION,
                files.url(), files.json());
    }

    /** What this browser has of the team. Waits. */
    private static TeamCard card(TeamFiles files) {
        if (files.team().links == null) {
            throw new IllegalStateException("This team has no links, so its agents cannot hand latents to each other. "
                    + "Open a team that has been trained.");
        }
        List<TeamCard.Model> models = new ArrayList<>();
        for (AgentSpec agent : files.team().agents) {
            String folder = agent.model.endsWith("/") ? agent.model : agent.model + "/";
            String weights = Web.text(files.resolve(folder + "tensor-cache.json"), "The list of weights",
                    files.kept());
            models.add(new TeamCard.Model(agent.id, agent.model, hash(weights), agent.hiddenSize));
        }
        String links = Web.text(files.resolve(files.team().links), "The link file", files.kept());
        return new TeamCard(files.team().id, hash(files.json()), hash(links), models);
    }

    private static String hash(String text) {
        String hash = Web.sha256(text);
        if (hash == null) {
            throw new IllegalStateException("This page is not served securely (https, or http on localhost), so models "
                    + "cannot be compared. Open it by https.");
        }
        return hash;
    }

    private static String servers(String text) {
        String json = WebRtc.servers(text);
        if (json == null) {
            throw new IllegalArgumentException("The servers are not understood. Write one a line: stun:host:port, or "
                    + "turn:host:port user password.");
        }
        return json;
    }

    /** Makes this side's code known. */
    private void publish(String signal, boolean linked) {
        begin("Making the code\u2026", () -> {
            JSString made = Promises.await(WebRtc.encode(signal));
            code = made.stringValue();
            link = linked ? WebRtc.link(code) : "";
        });
    }

    private String signal(String text, String type, String what) {
        JSString json = Promises.await(WebRtc.decode(text, type));
        if (json == null) {
            throw new IllegalArgumentException("This is no " + what + ", or not a whole one. Copy it once more.");
        }
        return json.stringValue();
    }

    @Override
    public void invite(String servers) {
        begin("Looking for ways to this browser\u2026", () -> {
            HostRoom host = (HostRoom) room;
            if (invited != null) {
                invited.close();
            }
            code = "";
            link = "";
            WebRtc[] own = {null};
            own[0] = WebRtc.open(true, servers(servers), new WebRtc.Events() {
                @Override
                public void signal(String json) {
                    publish(json, true);
                }

                @Override
                public PeerChannel.Receiver open(PeerChannel channel) {
                    if (invited == own[0]) {
                        invited = null;
                        code = "";
                        link = "";
                        notice = "";
                    }
                    PeerChannel.Receiver receiver = host.connect(channel);
                    changed.run();
                    return receiver;
                }

                @Override
                public void failed(String reason) {
                    if (invited == own[0] && room == host) {
                        invited = null;
                        code = "";
                        link = "";
                        notice = reason + " Make a new invitation; between two networks, name a STUN or TURN server.";
                        changed.run();
                    }
                }
            });
            invited = own[0];
        });
    }

    @Override
    public void accept(String reply) {
        begin("Connecting\u2026", () -> {
            String signal = signal(reply, "answer", "reply to an invitation");
            if (invited == null) {
                throw new IllegalStateException("The invitation that this replies to is not open any more. Make a new "
                        + "one.");
            }
            invited.signal(signal);
        });
    }

    @Override
    public void join(String name, List<String> chosen, String invitation, String servers) {
        begin("Reading the team's files\u2026", () -> {
            requireWebRtc();
            String signal = signal(invitation, "offer", "invitation");
            String list = servers(servers);
            if (room == null) {
                TeamFiles files = TeamFiles.fetch(playground.teamUrl(), codec);
                TeamCard card = card(files);
                agents = chosen;
                room = new GuestRoom(TeamPlan.of(files.team(), files.url()), card, part(files), Web::millis, member,
                        name, agents, () -> changed.run());
            }
            GuestRoom guest = (GuestRoom) room;
            code = "";
            WebRtc connection = WebRtc.open(false, list, new WebRtc.Events() {
                @Override
                public void signal(String json) {
                    publish(json, false);
                }

                @Override
                public PeerChannel.Receiver open(PeerChannel channel) {
                    code = "";
                    notice = "";
                    return guest.connect(channel);
                }

                @Override
                public void failed(String reason) {
                    if (room == guest) {
                        code = "";
                        notice = reason + " Ask for a new invitation; between two networks, name a STUN or TURN server.";
                        changed.run();
                    }
                }
            });
            connection.signal(signal);
        });
    }

    @Override
    public void start(Supplier<RunRequest> request, String encoding) {
        begin("", () -> ((HostRoom) room).start(request.get(), LatentEncoding.of(encoding)));
    }

    @Override
    public void stop() {
        room.stop();
    }

    @Override
    public void leave() {
        Room old = room;
        room = null;
        if (invited != null) {
            invited.close();
            invited = null;
        }
        code = "";
        link = "";
        notice = "";
        old.leave();
        changed.run();
    }
}
