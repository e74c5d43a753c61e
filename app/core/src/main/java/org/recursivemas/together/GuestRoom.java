package org.recursivemas.together;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.engine.Clock;
import org.recursivemas.playground.Failure;
import org.recursivemas.team.Edge;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamPart;
import org.recursivemas.team.TeamPlan;

/**
 * A guest: plays its agents when the host asks, and shows what the host tells. A guest that was cut off keeps its models
 * and comes back by {@link #connect} over a new channel.
 */
public final class GuestRoom implements Room, ReliableLink.Listener {
    /** How long the host may take to let a guest in. */
    static final double WELCOME_MILLIS = 30_000;

    private final TeamPlan plan;
    private final PeerMessage.Hello hello;
    private final Part part;
    private final Clock clock;
    private final Runnable changed;
    private final RoomState state = new RoomState();
    private ReliableLink link;
    private boolean loading;
    private boolean loaded;
    private double connected;
    private PeerMessage.Begin begin;
    private Task task;

    /** The visit under way. What it tells is heard only while it is the present one. */
    private final class Task implements Part.Working {
        private final PeerMessage.Work work;

        Task(PeerMessage.Work work) {
            this.work = work;
        }

        @Override
        public void text(String text, int tokens) {
            if (task == this) {
                state.text = text;
                send(new PeerMessage.Text(work.run(), text, tokens));
                changed.run();
            }
        }

        @Override
        public void done(TeamPart.Result result) {
            if (task != this) {
                return;
            }
            task = null;
            List<PeerMessage.Block> blocks;
            try {
                blocks = blocks(result, LatentEncoding.of(begin.encoding()));
            } catch (RuntimeException e) {
                send(new PeerMessage.Failed(work.run(), work.visit(), Failure.of(e).message));
                return;
            }
            if (link != null) {
                ReliableLink by = link;
                by.send(PeerCodec.write(new PeerMessage.Done(work.run(), work.visit(), result.stage.millis,
                        result.stage.positions, result.stage.decodedTokens, orEmpty(result.stage.text),
                        orEmpty(result.answer), answers(result), blocks)), millis -> {
                            if (link == by) {
                                send(new PeerMessage.Delivered(work.run(), work.visit(), millis));
                            }
                        });
            }
        }

        @Override
        public void failed(Failure failure) {
            if (task == this) {
                task = null;
                send(new PeerMessage.Failed(work.run(), work.visit(), failure.message));
            }
        }
    }

    /**
     * @param member a random name that is this page's own
     * @param agents to play, at least one
     * @param changed called after every change of the state
     */
    public GuestRoom(TeamPlan plan, TeamCard card, Part part, Clock clock, String member, String name,
            List<String> agents, Runnable changed) {
        this.plan = plan;
        this.part = part;
        this.clock = clock;
        this.changed = changed;
        hello = new PeerMessage.Hello(PeerMessage.VERSION, member, name, card, agents);
        state.phase = RoomState.Phase.JOINING;
    }

    static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    /** Messages of a stage in an encoding. */
    static List<PeerMessage.Block> blocks(TeamPart.Result result, LatentEncoding encoding) {
        List<PeerMessage.Block> blocks = new ArrayList<>();
        result.messages.forEach((edge, block) -> blocks.add(new PeerMessage.Block(edge, block.rows(), block.width(),
                encoding.encode(block))));
        return blocks;
    }

    /** Answers of a stage that was to write several. */
    static List<PeerMessage.Answer> answers(TeamPart.Result result) {
        List<PeerMessage.Answer> answers = new ArrayList<>();
        for (AnswerReport each : result.answers) {
            answers.add(new PeerMessage.Answer(each.seed, each.text, each.answer, each.finish, each.decodedTokens));
        }
        return answers;
    }

    /** Messages for a visit by slot. @throws IllegalArgumentException when they are not what the visit reads */
    static Map<String, LatentBlock> slots(TeamPlan plan, Schedule.Visit visit, List<PeerMessage.Block> blocks,
            LatentEncoding encoding, int latentSteps) {
        Map<String, LatentBlock> slots = new HashMap<>();
        for (Schedule.Read read : visit.reads()) {
            Edge edge = plan.edges().get(read.edge());
            for (PeerMessage.Block block : blocks) {
                if (block.edge() == read.edge()) {
                    if (block.rows() != plan.agent(edge.from()).latentSteps(latentSteps)
                            || block.width() != plan.agent(edge.to()).hiddenSize()) {
                        throw new IllegalArgumentException("the message on " + edge + " has " + block.rows()
                                + " rows of " + block.width());
                    }
                    slots.put(read.slot(), encoding.decode(block.bytes(), block.rows(), block.width()));
                }
            }
            if (!slots.containsKey(read.slot())) {
                throw new IllegalArgumentException("the message on " + edge + " is missing");
            }
        }
        return slots;
    }

    /** Greets the host over a channel that is open, also to come back. @return what hears the channel */
    public PeerChannel.Receiver connect(PeerChannel channel) {
        if (link != null) {
            link.close();
        }
        ReliableLink fresh = new ReliableLink(channel, clock, this);
        link = fresh;
        connected = clock.millis();
        state.phase = RoomState.Phase.JOINING;
        state.fault = "";
        send(hello);
        changed.run();
        return HostRoom.receiver(fresh);
    }

    private void send(PeerMessage message) {
        if (link != null) {
            link.send(PeerCodec.write(message), null);
        }
    }

    @Override
    public RoomState state() {
        return state;
    }

    @Override
    public void tick() {
        if (link == null) {
            return;
        }
        link.tick();
        if (link != null && state.phase == RoomState.Phase.JOINING && clock.millis() - connected > WELCOME_MILLIS) {
            apart("The host did not answer for " + (int) (WELCOME_MILLIS / 1000)
                    + " seconds. Ask for a new invitation.");
        }
        boolean silent = link != null && link.quiet();
        if (silent != state.silent) {
            state.silent = silent;
            changed.run();
        }
    }

    @Override
    public void goodbye() {
        if (link != null) {
            link.goodbye();
        }
    }

    @Override
    public void stop() {
        send(new PeerMessage.Stop(state.run));
    }

    @Override
    public void leave() {
        drop();
        part.close();
        state.phase = RoomState.Phase.OUTSIDE;
        changed.run();
    }

    private void drop() {
        cancel();
        if (link != null) {
            link.close();
            link = null;
        }
    }

    private void cancel() {
        if (task != null) {
            task = null;
            part.stop();
        }
    }

    private void apart(String why) {
        drop();
        state.phase = RoomState.Phase.APART;
        state.fault = why;
        changed.run();
    }

    @Override
    public void lost(String reason) {
        apart("The connection to the host has ended: " + reason + " What is loaded here stays: join again with a new "
                + "invitation, and the run goes on where it was.");
    }

    @Override
    public void received(byte[] bytes) {
        try {
            handle(PeerCodec.read(bytes));
        } catch (IllegalArgumentException e) {
            apart("The host sent what this page does not understand (" + e.getMessage() + "). Reload both pages.");
        }
        changed.run();
    }

    private void handle(PeerMessage message) {
        if (message instanceof PeerMessage.Welcome) {
            state.phase = RoomState.Phase.INSIDE;
            if (loaded) {
                send(new PeerMessage.Ready());
            } else if (!loading) {
                load();
            }
        } else if (message instanceof PeerMessage.Refused refused) {
            apart("The host has refused: " + refused.reason());
        } else if (message instanceof PeerMessage.Seats seats) {
            state.seats = seats.seats();
        } else if (message instanceof PeerMessage.Begin told) {
            RoomRequests.requirePossible(told.request(), plan);
            LatentEncoding.of(told.encoding());
            begin = told;
            state.begin(told);
        } else if (message instanceof PeerMessage.Work work) {
            work(work);
        } else if (message instanceof PeerMessage.Text text && text.run() == state.run) {
            state.text = text.text();
        } else if (message instanceof PeerMessage.Stage stage && stage.run() == state.run) {
            state.stage(stage);
        } else if (message instanceof PeerMessage.Hop hop && hop.run() == state.run) {
            state.hops.put(hop.id(), hop);
        } else if (message instanceof PeerMessage.Ended ended && ended.run() == state.run) {
            cancel();
            state.ended(ended);
        }
    }

    private void load() {
        loading = true;
        part.load(hello.agents(), new Part.Loading() {
            @Override
            public void progress(String agent, double fraction, String text) {
                state.loading = agent + ": " + Math.round(100 * fraction) + " %, " + text;
                changed.run();
            }

            @Override
            public void ready() {
                loading = false;
                loaded = true;
                state.loading = "";
                send(new PeerMessage.Ready());
                changed.run();
            }

            @Override
            public void failed(Failure failure) {
                loading = false;
                state.loading = "";
                send(new PeerMessage.Failed(-1, -1, failure.message));
                apart("The models could not be loaded: " + failure.message);
            }
        });
    }

    private void work(PeerMessage.Work work) {
        if (begin == null || begin.run() != work.run() || !loaded) {
            throw new IllegalArgumentException("work for run " + work.run() + ", which has not begun here");
        }
        List<Schedule.Visit> visits = new Schedule(plan, begin.request().rounds()).visits();
        if (work.visit() < 0 || work.visit() >= visits.size()
                || !hello.agents().contains(visits.get(work.visit()).agent())) {
            throw new IllegalArgumentException("visit " + work.visit() + ", which is not this browser's");
        }
        Schedule.Visit visit = visits.get(work.visit());
        Map<String, LatentBlock> slots = slots(plan, visit, work.blocks(), LatentEncoding.of(begin.encoding()),
                begin.request().latentSteps());
        cancel();
        task = new Task(work);
        part.work(begin.request(), visit, slots, task);
    }
}
