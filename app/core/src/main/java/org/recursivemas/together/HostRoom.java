package org.recursivemas.together;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.engine.Clock;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Edge;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamPart;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.together.PeerMessage.Seat;

/**
 * The host: lets guests in, gives every visit of a run to who plays the agent as soon as its messages are there, and
 * passes the messages on. It keeps the messages of a run, so that a visit that was lost with its player is simply given
 * out again when the agent is played again. It may play agents itself.
 */
public final class HostRoom implements Room {
    private final TeamPlan plan;
    private final TeamCard card;
    private final Part part;
    private final Clock clock;
    private final Runnable changed;
    private final RoomState state = new RoomState();
    private final Player local;
    /** Who plays each agent, in the team's order; null for nobody. */
    private final Map<String, Player> seats = new LinkedHashMap<>();
    /** Names of those who played an agent and are gone. */
    private final Map<String, String> away = new HashMap<>();
    private final List<Player> guests = new ArrayList<>();
    private Run run;
    private int runs;

    /** One browser. */
    private final class Player implements ReliableLink.Listener {
        private String name;
        private String member = "";
        /** Null for this browser itself. */
        private ReliableLink link;
        private boolean inside;
        private boolean ready;
        /** Not heard for some seconds. It keeps its seat: a page in the background is woken once a minute only. */
        private boolean silent;
        /** The visit it is doing, or -1. */
        private int visit = -1;

        @Override
        public void received(byte[] bytes) {
            try {
                handle(this, PeerCodec.read(bytes));
            } catch (IllegalArgumentException e) {
                refuse(this, "Your browser sent what this page does not understand (" + e.getMessage()
                        + "). Reload both pages.");
            }
            changed.run();
        }

        @Override
        public void lost(String reason) {
            gone(this);
            changed.run();
        }
    }

    /** One run. */
    private final class Run {
        private final PeerMessage.Begin begin;
        private final RunRequest request;
        private final LatentEncoding encoding;
        private final List<Schedule.Visit> visits;
        private final boolean[] done;
        /** By visit and edge. */
        private final Map<Integer, PeerMessage.Block> messages = new HashMap<>();
        /** How long the messages of a visit were under way to this browser, by visit. */
        private final Map<Integer, Double> first = new HashMap<>();
        private final double start = clock.millis();

        Run(PeerMessage.Begin begin, LatentEncoding encoding) {
            this.begin = begin;
            request = begin.request();
            this.encoding = encoding;
            visits = new Schedule(plan, request.rounds()).visits();
            done = new boolean[visits.size()];
        }

        int key(int visit, int edge) {
            return visit * plan.edges().size() + edge;
        }

        boolean possible(Schedule.Visit visit) {
            for (Schedule.Read read : visit.reads()) {
                if (!done[read.visit()]) {
                    return false;
                }
            }
            for (Schedule.Visit other : visits) {
                if (other.round() < visit.round() && !done[other.index()]) {
                    return false;
                }
            }
            return !done[visit.index()];
        }
    }

    /**
     * A room with nobody else in it yet; loads the models of its own agents at once.
     *
     * @param agents what this browser plays; may be empty
     * @param changed called after every change of the state
     */
    public HostRoom(TeamPlan plan, TeamCard card, Part part, Clock clock, String name, List<String> agents,
            Runnable changed) {
        this.plan = plan;
        this.card = card;
        this.part = part;
        this.clock = clock;
        this.changed = changed;
        local = new Player();
        local.name = name;
        local.inside = true;
        plan.agents().forEach(agent -> seats.put(agent.id(), agents.contains(agent.id()) ? local : null));
        state.host = true;
        state.phase = RoomState.Phase.INSIDE;
        local.ready = agents.isEmpty();
        tellSeats();
        if (!agents.isEmpty()) {
            load(agents);
        }
    }

    private void load(List<String> agents) {
        part.load(agents, new Part.Loading() {
            @Override
            public void progress(String agent, double fraction, String text) {
                state.loading = agent + ": " + Math.round(100 * fraction) + " %, " + text;
                changed.run();
            }

            @Override
            public void ready() {
                state.loading = "";
                local.ready = true;
                tellSeats();
                advance();
                changed.run();
            }

            @Override
            public void failed(Failure failure) {
                state.loading = "";
                state.fault = "The models could not be loaded: " + failure.message;
                changed.run();
            }
        });
    }

    /** What hears the channel of a link. */
    static PeerChannel.Receiver receiver(ReliableLink link) {
        return new PeerChannel.Receiver() {
            @Override
            public void received(byte[] frame) {
                link.received(frame);
            }

            @Override
            public void drained() {
                link.drained();
            }

            @Override
            public void closed(String reason) {
                link.closed(reason);
            }
        };
    }

    /** Somebody is at the door, over a channel that is open. @return what hears the channel */
    public PeerChannel.Receiver connect(PeerChannel channel) {
        Player guest = new Player();
        guest.link = new ReliableLink(channel, clock, guest);
        guests.add(guest);
        return receiver(guest.link);
    }

    @Override
    public RoomState state() {
        return state;
    }

    @Override
    public void tick() {
        for (Player guest : new ArrayList<>(guests)) {
            guest.link.tick();
            if (guest.inside && guest.silent != guest.link.quiet()) {
                guest.silent = guest.link.quiet();
                tellSeats();
                changed.run();
            }
        }
    }

    @Override
    public void goodbye() {
        guests.forEach(guest -> guest.link.goodbye());
    }

    /** Agents that nobody plays. */
    public List<String> free() {
        List<String> free = new ArrayList<>();
        seats.forEach((agent, player) -> {
            if (player == null) {
                free.add(agent);
            }
        });
        return free;
    }

    /**
     * Begins a run. Agents that nobody plays yet are waited for.
     *
     * @throws IllegalStateException when a run is under way
     * @throws IllegalArgumentException for people, when the team cannot run this request or a text of it is too long
     */
    public void start(RunRequest request, LatentEncoding encoding) {
        if (run != null) {
            throw new IllegalStateException("a run is under way; stop it first");
        }
        RoomRequests.requirePossible(request, plan);
        run = new Run(new PeerMessage.Begin(++runs, request, encoding.id()), encoding);
        state.begin(run.begin);
        for (Player guest : guests) {
            if (guest.inside) {
                tellRun(guest);
            }
        }
        advance();
        changed.run();
    }

    /** The run as this guest has to know it: with the system messages of its own agents. */
    private void tellRun(Player guest) {
        Map<String, String> systems = run.request.systems();
        systems.keySet().removeIf(agent -> seats.get(agent) != guest);
        tell(guest, new PeerMessage.Begin(run.begin.run(), run.request.withSystems(systems), run.begin.encoding()));
    }

    @Override
    public void stop() {
        if (run != null) {
            end(true, "", "", "", List.of());
            changed.run();
        }
    }

    @Override
    public void leave() {
        stop();
        guests.forEach(guest -> guest.link.close());
        guests.clear();
        part.close();
        state.phase = RoomState.Phase.OUTSIDE;
        changed.run();
    }

    private void tell(Player player, PeerMessage message) {
        player.link.send(PeerCodec.write(message), null);
    }

    private void tellAll(PeerMessage message) {
        byte[] bytes = PeerCodec.write(message);
        for (Player guest : guests) {
            if (guest.inside) {
                guest.link.send(bytes, null);
            }
        }
    }

    private void tellSeats() {
        List<Seat> list = new ArrayList<>();
        seats.forEach((agent, player) -> {
            if (player == null) {
                list.add(new Seat(agent, away.getOrDefault(agent, ""),
                        away.containsKey(agent) ? Seat.State.AWAY : Seat.State.FREE));
            } else {
                boolean works = run != null && player.visit >= 0
                        && run.visits.get(player.visit).agent().equals(agent);
                list.add(new Seat(agent, player.name, player.silent ? Seat.State.SILENT : works ? Seat.State.WORKING
                        : player.ready ? Seat.State.READY : Seat.State.LOADING));
            }
        });
        state.seats = list;
        tellAll(new PeerMessage.Seats(list));
    }

    private void handle(Player guest, PeerMessage message) {
        if (message instanceof PeerMessage.Hello hello) {
            welcome(guest, hello);
        } else if (!guest.inside) {
            throw new IllegalArgumentException("something before the greeting");
        } else if (message instanceof PeerMessage.Ready) {
            guest.ready = true;
            tellSeats();
            advance();
        } else if (message instanceof PeerMessage.Stop stop) {
            if (run != null && stop.run() == run.begin.run()) {
                stop();
            }
        } else if (message instanceof PeerMessage.Failed failed) {
            failed(guest, failed);
        } else if (message instanceof PeerMessage.Done done) {
            if (doing(guest, done.run(), done.visit())) {
                done(guest, done);
            }
        } else if (message instanceof PeerMessage.Text text) {
            if (doing(guest, text.run(), guest.visit)) {
                text(guest, text);
            }
        } else if (message instanceof PeerMessage.Delivered delivered) {
            if (run != null && delivered.run() == run.begin.run()) {
                delivered(delivered.visit(), delivered.millis());
            }
        } else {
            throw new IllegalArgumentException("a message for guests");
        }
    }

    private void welcome(Player guest, PeerMessage.Hello hello) {
        guests.stream().filter(other -> other != guest && other.inside && other.member.equals(hello.member()))
                .toList().forEach(this::gone);   // it is back before its old connection was noticed to be gone
        guest.name = hello.name();
        String reason = fault(hello);
        if (reason != null) {
            refuse(guest, reason);
            return;
        }
        guest.inside = true;
        guest.member = hello.member();
        hello.agents().forEach(agent -> {
            seats.put(agent, guest);
            away.remove(agent);
        });
        tell(guest, new PeerMessage.Welcome());
        if (run != null) {
            tellRun(guest);
            state.stages.forEach(stage -> tell(guest, stage));
            state.hops.values().forEach(hop -> tell(guest, hop));
        }
        tellSeats();
    }

    /** Why a guest cannot come in, or null. */
    private String fault(PeerMessage.Hello hello) {
        if (hello.version() != PeerMessage.VERSION) {
            return "This room speaks version " + PeerMessage.VERSION + " of the protocol, your page version "
                    + hello.version() + ". Reload both pages.";
        }
        String mismatch = card.mismatch(hello.card());
        if (mismatch != null) {
            return mismatch;
        }
        if (hello.agents().isEmpty() || Set.copyOf(hello.agents()).size() != hello.agents().size()) {
            return "You have chosen no role. Choose one.";
        }
        for (String agent : hello.agents()) {
            if (!seats.containsKey(agent)) {
                return "The team has no agent \"" + agent + "\". Open the room's team.";
            }
            if (seats.get(agent) != null) {
                return agent + " is played by " + seats.get(agent).name + " already. Choose another role.";
            }
        }
        return null;
    }

    private void refuse(Player guest, String reason) {
        tell(guest, new PeerMessage.Refused(reason));
        state.fault = (guest.name == null ? "A guest" : guest.name) + " was refused: " + reason;
        gone(guest, false);
    }

    private void gone(Player guest) {
        gone(guest, true);
    }

    /** A guest is out: what it was doing waits for who plays its agents next. */
    private void gone(Player guest, boolean closed) {
        if (closed) {
            guests.remove(guest);
            guest.link.close();
        }
        guest.inside = false;
        guest.visit = -1;
        boolean played = false;
        for (Map.Entry<String, Player> seat : seats.entrySet()) {
            if (seat.getValue() == guest) {
                seat.setValue(null);
                away.put(seat.getKey(), guest.name);
                played = true;
            }
        }
        if (played) {
            tellSeats();
        }
    }

    private boolean doing(Player player, int of, int visit) {
        return run != null && of == run.begin.run() && visit >= 0 && player.visit == visit;
    }

    /** Gives out every visit that is possible and whose player is free. */
    private void advance() {
        if (run == null) {
            return;
        }
        Run present = run;
        for (Schedule.Visit visit : present.visits) {
            Player player = seats.get(visit.agent());
            if (run == present && player != null && player.ready && player.visit < 0 && present.possible(visit)) {
                give(player, visit);
            }
        }
    }

    private void give(Player player, Schedule.Visit visit) {
        player.visit = visit.index();
        List<PeerMessage.Block> blocks = new ArrayList<>();
        for (Schedule.Read read : visit.reads()) {
            blocks.add(run.messages.get(run.key(read.visit(), read.edge())));
        }
        tellSeats();
        if (player.link == null) {
            visit.reads().forEach(read -> handedOver(visit, read, 0));
            part.work(run.request, visit, GuestRoom.slots(plan, visit, blocks, run.encoding, run.request.latentSteps()),
                    new LocalWork(run, visit));
        } else {
            Run present = run;
            player.link.send(PeerCodec.write(new PeerMessage.Work(run.begin.run(), visit.index(), blocks)), millis -> {
                if (run == present) {
                    visit.reads().forEach(read -> handedOver(visit, read, millis));
                    changed.run();
                }
            });
        }
    }

    /** @param millis from this browser to the reader's */
    private void handedOver(Schedule.Visit visit, Schedule.Read read, double millis) {
        Edge edge = plan.edges().get(read.edge());
        PeerMessage.Block block = run.messages.get(run.key(read.visit(), read.edge()));
        PeerMessage.Hop hop = new PeerMessage.Hop(run.begin.run(), run.key(read.visit(), read.edge()), edge.from(),
                edge.to(), visit.round(), block.rows(), block.width(), block.bytes().length, run.encoding.id(),
                millis + run.first.getOrDefault(read.visit(), 0.0));
        state.hops.put(hop.id(), hop);
        tellAll(hop);
    }

    /** A guest says how long its messages took to this browser, which may be after they went on to their readers. */
    private void delivered(int visit, double millis) {
        if (run.first.put(visit, millis) != null) {
            return;
        }
        int edges = plan.edges().size();
        state.hops.replaceAll((id, hop) -> {
            if (id / edges != visit) {
                return hop;
            }
            PeerMessage.Hop whole = new PeerMessage.Hop(hop.run(), id, hop.from(), hop.to(), hop.round(), hop.rows(),
                    hop.width(), hop.bytes(), hop.encoding(), hop.millis() + millis);
            tellAll(whole);
            return whole;
        });
    }

    /** A visit of this browser's own. */
    private final class LocalWork implements Part.Working {
        private final Run of;
        private final Schedule.Visit visit;

        LocalWork(Run of, Schedule.Visit visit) {
            this.of = of;
            this.visit = visit;
        }

        private boolean stale() {
            return run != of || local.visit != visit.index();
        }

        @Override
        public void text(String text, int tokens) {
            if (!stale()) {
                HostRoom.this.text(local, new PeerMessage.Text(of.begin.run(), text, tokens));
                changed.run();
            }
        }

        @Override
        public void done(TeamPart.Result result) {
            if (stale()) {
                return;
            }
            try {
                HostRoom.this.done(local, new PeerMessage.Done(of.begin.run(), visit.index(), result.stage.millis,
                        result.stage.positions, result.stage.decodedTokens, GuestRoom.orEmpty(result.stage.text),
                        GuestRoom.orEmpty(result.answer), GuestRoom.answers(result), GuestRoom.blocks(result, of.encoding)));
            } catch (RuntimeException e) {
                fail(visit.agent() + " (" + local.name + "): " + Failure.of(e).message);
            }
            changed.run();
        }

        @Override
        public void failed(Failure failure) {
            if (!stale()) {
                fail(visit.agent() + " (" + local.name + "): " + failure.message);
                changed.run();
            }
        }
    }

    private void text(Player player, PeerMessage.Text text) {
        state.text = text.text();
        for (Player guest : guests) {
            if (guest.inside && guest != player) {
                tell(guest, text);
            }
        }
    }

    private void failed(Player guest, PeerMessage.Failed failed) {
        if (failed.visit() < 0) {
            state.fault = guest.name + " could not load the models: " + failed.message();
        } else if (doing(guest, failed.run(), failed.visit())) {
            fail(run.visits.get(failed.visit()).agent() + " (" + guest.name + "): " + failed.message());
        }
    }

    /** @throws IllegalArgumentException when the messages are not those of the visit */
    private void done(Player player, PeerMessage.Done done) {
        Schedule.Visit visit = run.visits.get(done.visit());
        if (done.blocks().size() != visit.sends().size()) {
            throw new IllegalArgumentException(done.blocks().size() + " messages of " + visit.agent());
        }
        for (PeerMessage.Block block : done.blocks()) {
            if (!visit.sends().contains(block.edge()) || block.rows() != plan.agent(visit.agent()).latentSteps(run.request.latentSteps())
                    || block.width() != plan.agent(plan.edges().get(block.edge()).to()).hiddenSize()
                    || block.bytes().length != run.encoding.bytes(block.rows(), block.width())) {
                throw new IllegalArgumentException("a message of " + visit.agent() + " with " + block.rows()
                        + " rows of " + block.width());
            }
        }
        done.blocks().forEach(block -> run.messages.put(run.key(visit.index(), block.edge()), block));
        run.done[visit.index()] = true;
        player.visit = -1;
        PeerMessage.Stage stage = new PeerMessage.Stage(run.begin.run(), visit.index(), visit.agent(), player.name,
                visit.round(), done.millis(), done.positions(), done.tokens());
        state.stage(stage);
        tellAll(stage);
        if (visit.answers()) {
            end(false, "", done.text(), done.answer(), done.answers());
        } else {
            tellSeats();
            advance();
        }
    }

    private void fail(String message) {
        end(false, message, "", "", List.of());
    }

    private void end(boolean stopped, String message, String text, String answer, List<PeerMessage.Answer> answers) {
        PeerMessage.Ended ended = new PeerMessage.Ended(run.begin.run(), stopped, message, text, answer, answers,
                clock.millis() - run.start);
        run = null;
        boolean working = local.visit >= 0;
        local.visit = -1;
        guests.forEach(guest -> guest.visit = -1);
        if (working) {
            part.stop();
        }
        state.ended(ended);
        tellAll(ended);
        tellSeats();
    }
}
