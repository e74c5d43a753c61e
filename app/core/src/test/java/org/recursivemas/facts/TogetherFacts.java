package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tasks.SeededRandom;
import org.recursivemas.together.GuestRoom;
import org.recursivemas.together.LatentBlock;
import org.recursivemas.together.LatentEncoding;
import org.recursivemas.together.PeerChannel;
import org.recursivemas.together.PeerMessage;
import org.recursivemas.together.ReliableLink;
import org.recursivemas.together.RoomState;
import org.recursivemas.together.SimulatedNetwork;
import org.recursivemas.together.SimulatedRoom;
import org.recursivemas.together.TeamCard;
import org.recursivemas.toy.ToyLog;
import org.recursivemas.toy.ToyTeam;

/** Facts about a team in several browsers. */
final class TogetherFacts {
    private TogetherFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("encodingsKeepWhatTheyPromise", TogetherFacts::encodingsKeepWhatTheyPromise);
        facts.put("whatIsNotFiniteIsNotHandedOver", TogetherFacts::whatIsNotFiniteIsNotHandedOver);
        facts.put("aBadLineLosesNoMessage", TogetherFacts::aBadLineLosesNoMessage);
        facts.put("aFullChannelIsLeftAlone", TogetherFacts::aFullChannelIsLeftAlone);
        facts.put("silenceAndNonsenseEndALink", TogetherFacts::silenceAndNonsenseEndALink);
        facts.put("severalBrowsersWriteTheTextOfOne", TogetherFacts::severalBrowsersWriteTheTextOfOne);
        facts.put("aRunInSeveralBrowsersTakesWhatARunOnOnePageTakes", TogetherFacts::everySettingCounts);
        facts.put("aRunThatARoomCannotTakeIsRefused", TogetherFacts::aRunThatARoomCannotTakeIsRefused);
        facts.put("aPeerThatComesBackGoesOnWhereTheRunWas", TogetherFacts::aPeerThatComesBackGoesOn);
        facts.put("whoDoesNotFitIsRefusedWithTheReason", TogetherFacts::whoDoesNotFitIsRefused);
        facts.put("anybodyCanStopARun", TogetherFacts::anybodyCanStopARun);
        facts.put("aFailureIsToldToEverybody", TogetherFacts::aFailureIsToldToEverybody);
        facts.put("aPageThatClosesIsNoticedAtOnce", TogetherFacts::aPageThatClosesIsNoticedAtOnce);
        facts.put("aHostThatLeavesIsSaid", TogetherFacts::aHostThatLeavesIsSaid);
    }

    private static LatentBlock block(int rows, int width, double scale) {
        SeededRandom random = new SeededRandom(5);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * (random.nextInt(20_001) - 10_000) / 10_000.0);
        }
        return new LatentBlock(rows, width, values);
    }

    private static void encodingsKeepWhatTheyPromise() {
        LatentBlock block = block(7, 33, 3);
        for (LatentEncoding encoding : LatentEncoding.values()) {
            byte[] bytes = encoding.encode(block);
            Check.equal(encoding.bytes(7, 33), (long) bytes.length, encoding.id());
            LatentBlock read = encoding.decode(bytes, 7, 33);
            for (int r = 0; r < 7; r++) {
                float largest = 0;
                for (int i = 0; i < 33; i++) {
                    largest = Math.max(largest, Math.abs(block.values()[r * 33 + i]));
                }
                for (int i = r * 33; i < (r + 1) * 33; i++) {
                    double allowed = encoding == LatentEncoding.F32 ? 0 : encoding == LatentEncoding.F16
                            ? Math.abs(block.values()[i]) / 2048 + 1e-7 : largest / 127 / 2 * 1.0001;
                    double off = Math.abs(read.values()[i] - block.values()[i]);
                    Check.that(off <= allowed, encoding.id() + " is off by " + off + " at " + i);
                }
            }
        }
        LatentBlock zeros = new LatentBlock(2, 3, new float[6]);
        Check.that(Arrays.equals(zeros.values(), LatentEncoding.INT8.decode(LatentEncoding.INT8.encode(zeros), 2, 3)
                .values()), "a row of zeros");
        Check.equal(0, LatentEncoding.F16.decode(new byte[0], 0, 3).rows(), "no rows");
        Check.fails(IllegalArgumentException.class, () -> LatentEncoding.F32.decode(new byte[23], 2, 3), "23 bytes");
        Check.fails(IllegalArgumentException.class, () -> LatentEncoding.of("f8"), "f8", "int8");
    }

    private static void whatIsNotFiniteIsNotHandedOver() {
        LatentBlock bad = new LatentBlock(2, 2, new float[] {1, 2, 3, Float.NaN});
        for (LatentEncoding encoding : LatentEncoding.values()) {
            Check.fails(EngineException.class, () -> encoding.encode(bad), "row 2");
        }
        Check.fails(EngineException.class, () -> LatentEncoding.F16.encode(new LatentBlock(1, 1, new float[] {1e5f})),
                "too large for f16");
        byte[] infinite = {0, 0, (byte) 0x80, 0x7f};
        Check.fails(IllegalArgumentException.class, () -> LatentEncoding.F32.decode(infinite, 1, 1), "not finite");
    }

    /** One end of a link that remembers. */
    private static final class Ear implements ReliableLink.Listener {
        final List<byte[]> heard = new ArrayList<>();
        String lost;

        @Override
        public void received(byte[] message) {
            heard.add(message);
        }

        @Override
        public void lost(String reason) {
            lost = reason;
        }
    }

    private static PeerChannel.Receiver receiver(ReliableLink link) {
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

    private static byte[] message(int seed, int length) {
        byte[] message = new byte[length];
        SeededRandom random = new SeededRandom(seed);
        for (int i = 0; i < length; i++) {
            message[i] = (byte) random.nextInt(256);
        }
        return message;
    }

    private static void aBadLineLosesNoMessage() {
        SimulatedNetwork network = new SimulatedNetwork(3);
        network.lost = 0.1;
        network.repeated = 0.1;
        network.damaged = 0.02;
        network.delay = 400;
        SimulatedNetwork.Line line = network.line();
        Ear left = new Ear();
        Ear right = new Ear();
        ReliableLink from = new ReliableLink(line.left, network::millis, left);
        ReliableLink to = new ReliableLink(line.right, network::millis, right);
        line.left.receiver = receiver(from);
        line.right.receiver = receiver(to);
        int[] delivered = {0};
        for (int i = 0; i < 40; i++) {
            from.send(message(i, 1 + i * 1500), millis -> delivered[0]++);
            to.send(message(100 + i, 5), null);
        }
        network.pass(600_000, () -> {
            from.tick();
            to.tick();
        });
        Check.equal(null, left.lost, "left");
        Check.equal(null, right.lost, "right");
        Check.equal(40, right.heard.size(), "messages to the right");
        Check.equal(40, left.heard.size(), "messages to the left");
        Check.equal(40, delivered[0], "acknowledged");
        for (int i = 0; i < 40; i++) {
            Check.that(Arrays.equals(message(i, 1 + i * 1500), right.heard.get(i)), "message " + i);
            Check.that(Arrays.equals(message(100 + i, 5), left.heard.get(i)), "message " + i + " back");
        }
        Check.that(from.idle() && to.idle(), "nothing is left to send");
    }

    private static void aFullChannelIsLeftAlone() {
        SimulatedNetwork network = new SimulatedNetwork(4);
        network.room = 6;
        SimulatedNetwork.Line line = network.line();
        Ear ear = new Ear();
        ReliableLink from = new ReliableLink(line.left, network::millis, new Ear());
        ReliableLink to = new ReliableLink(line.right, network::millis, ear);
        line.left.receiver = receiver(from);
        line.right.receiver = receiver(to);
        from.send(message(1, 1_000_000), null);
        Check.equal(6, network.most, "frames under way at once");
        network.pass(60_000, () -> {
            from.tick();
            to.tick();
        });
        Check.that(Arrays.equals(message(1, 1_000_000), ear.heard.get(0)), "the message");
        Check.that(network.most <= 7, network.most + " frames were under way at once");
    }

    private static void silenceAndNonsenseEndALink() {
        SimulatedNetwork network = new SimulatedNetwork(5);
        SimulatedNetwork.Line line = network.line();
        Ear left = new Ear();
        Ear right = new Ear();
        ReliableLink from = new ReliableLink(line.left, network::millis, left);
        ReliableLink to = new ReliableLink(line.right, network::millis, right);
        line.left.receiver = receiver(from);
        line.right.receiver = receiver(to);
        Runnable tick = () -> {
            from.tick();
            to.tick();
        };
        network.pass(10 * ReliableLink.SILENCE_MILLIS, tick);
        Check.equal(null, left.lost, "an idle link stays");
        line.cut(false);
        network.pass(ReliableLink.SILENCE_MILLIS + 5_000, tick);
        Check.that(left.lost.contains("75 seconds") && right.lost.contains("75 seconds"), left.lost);

        SimulatedNetwork.Line second = network.line();
        Ear ear = new Ear();
        ReliableLink link = new ReliableLink(second.left, network::millis, ear);
        second.left.receiver = receiver(link);
        second.right.receiver = receiver(new ReliableLink(second.right, network::millis, new Ear()));
        link.received("GET / HTTP/1.1".getBytes());
        Check.that(ear.lost.contains("does not understand"), ear.lost);
        Check.fails(IllegalArgumentException.class, () -> link.send(new byte[17 << 20], null), "message");
    }

    private static void play(Team team, int seed, LatentEncoding encoding, String expected, List<String> host,
            List<List<String>> guests) {
        SimulatedRoom room = new SimulatedRoom(team, seed, host.toArray(new String[0]));
        room.network.lost = 0.05;
        room.network.repeated = 0.05;
        room.network.delay = 200;
        for (int i = 0; i < guests.size(); i++) {
            room.connect(room.guest("Guest " + i, guests.get(i).toArray(new String[0])));
        }
        room.host.start(ToyTeam.request(team.rounds, team.latentSteps, "latent"), encoding);
        room.pass(300_000);
        Check.that(!room.host.state().running(), "still running: " + room.visits);
        Check.equal("", room.host.state().fault(), "fault");
        List<RoomState> states = new ArrayList<>(List.of(room.host.state()));
        room.guests.forEach(guest -> states.add(guest.state()));
        for (RoomState state : states) {
            Check.equal(expected, state.text(), "text");
            Check.equal(room.host.state().answer(), state.answer(), "answer");
            Check.equal("2 plus 2?", state.problem(), "the question reaches every browser");
            Check.equal(room.host.state().stages().size(), state.stages().size(), "stages");
            Check.equal(room.host.state().hops().toString(), state.hops().toString(), "hops");
        }
        for (PeerMessage.Hop hop : room.host.state().hops()) {
            Check.equal(encoding.bytes(hop.rows(), hop.width()), (long) hop.bytes(), hop.toString());
            Check.equal(room.plan.agent(hop.from()).latentSteps(team.latentSteps), hop.rows(), hop.toString());
        }
    }

    private static void severalBrowsersWriteTheTextOfOne() {
        Team chain = ToyTeam.chain();
        String expected = SimulatedRoom.alone(chain, chain.rounds, chain.latentSteps);
        Check.that(!expected.isEmpty(), "the toy team writes nothing");
        play(chain, 1, LatentEncoding.F32, expected, List.of("planner"), List.of(List.of("solver", "critic")));
        play(chain, 2, LatentEncoding.F32, expected, List.of(), List.of(List.of("critic"), List.of("planner"),
                List.of("solver")));
        play(chain, 3, LatentEncoding.F32, expected, List.of("planner", "critic", "solver"), List.of());
        Team mixture = ToyTeam.mixture();
        play(mixture, 4, LatentEncoding.F32, SimulatedRoom.alone(mixture, mixture.rounds, mixture.latentSteps),
                List.of("sum"), List.of(List.of("left"), List.of("right")));
        Team uneven = ToyTeam.chain();
        uneven.agents.get(0).latentSteps = 2;
        uneven.agents.get(1).latentSteps = 0;
        play(uneven, 7, LatentEncoding.F32, SimulatedRoom.alone(uneven, uneven.rounds, uneven.latentSteps),
                List.of("planner"), List.of(List.of("solver", "critic")));
        Team empty = ToyTeam.chain();
        empty.latentSteps = 0;
        play(empty, 5, LatentEncoding.INT8, SimulatedRoom.alone(empty, empty.rounds, 0), List.of("solver"),
                List.of(List.of("planner", "critic")));
    }

    /** Plays a request in a room in which everybody plays one agent; the room afterwards. */
    private static SimulatedRoom playApart(Team team, RunRequest request) {
        SimulatedRoom room = new SimulatedRoom(team, 21, team.agents.get(0).id);
        for (int i = 1; i < team.agents.size(); i++) {
            room.connect(room.guest("Guest " + i, team.agents.get(i).id));
        }
        room.host.start(request, LatentEncoding.F32);
        room.pass(60_000);
        ToyTeam toys = new ToyTeam(team);
        ModeReport alone = SimulatedRoom.alone(toys, request);
        team.agents.forEach(agent -> same(read(List.of(toys.log), agent.id), read(room.logs, agent.id),
                "messages that " + agent.id + " reads"));
        List<RoomState> states = new ArrayList<>(List.of(room.host.state()));
        room.guests.forEach(guest -> states.add(guest.state()));
        for (RoomState state : states) {
            Check.equal("", state.fault(), "fault");
            Check.equal(alone.text, state.text(), "text of " + request.links());
            Check.equal(alone.answer, state.answer(), "answer");
            Check.equal(alone.answers.size(), state.answers().size(), "answers");
            for (int i = 0; i < alone.answers.size(); i++) {
                AnswerReport one = alone.answers.get(i);
                Check.equal(new PeerMessage.Answer(one.seed, one.text, one.answer, one.finish, one.decodedTokens),
                        state.answers().get(i), "answer " + i);
            }
        }
        return room;
    }

    /** A browser computes in doubles what it has not stored yet: the last bits of a float may differ, those of a zero not. */
    private static void same(float[][] expected, float[][] actual, String what) {
        if (List.of(expected).stream().allMatch(row -> Arrays.equals(row, new float[row.length]))) {
            Check.equal(Arrays.deepToString(expected), Arrays.deepToString(actual), what);
        } else {
            Check.close(expected, actual, 1e-6, what);
        }
    }

    /** The rows of the messages in all prompts of a model, in order. */
    private static float[][] read(List<ToyLog> logs, String model) {
        List<float[]> rows = new ArrayList<>();
        logs.forEach(log -> log.promptsOf(model).forEach(prompt -> prompt.latents().forEach(
                latents -> rows.addAll(List.of(latents)))));
        return rows.toArray(new float[0][]);
    }

    private static void everySettingCounts() {
        Team chain = ToyTeam.chain();
        RunRequest plain = ToyTeam.request(3, 4, "latent");
        RunRequest warm = new RunRequest("2 plus 2?", null, 3, 4, 1.5, 7, List.of("latent"),
                Map.of("critic", "I mend", "solver", "I solve")).sampling(0.9, 3);
        RunRequest swapped = warm.withLinks(Map.of("planner", "noise", "critic", "identity", "planner->critic", "noise",
                "critic->solver", "noise", "solver->planner", "noise"));
        List<RunRequest> requests = List.of(plain, warm, warm.sampling(0.9, 1), warm.sampling(0.5, 1),
                warm.withSystems(Map.of()), swapped, warm.withLinks(Map.of("solver->planner", "zero", "planner", "zero")));
        Set<String> texts = new HashSet<>();
        for (RunRequest request : requests) {
            texts.add(playApart(chain, request).host.state().text());
        }
        Check.that(texts.size() >= 4, "settings do not count: " + texts);

        SimulatedRoom room = playApart(chain, warm);
        for (String visit : room.told) {
            String agent = visit.substring(0, visit.indexOf(' '));
            String own = agent.equals("planner") ? "[" : "[" + agent + "]";
            Check.that(visit.contains(": " + own), "a prompt goes to who plays the agent: " + visit);
        }
        Check.equal(List.of("critic"), List.copyOf(room.guests.get(0).state().request().systems().keySet()), "Guest 1");
        Check.equal(3, room.guests.get(0).state().answers().size(), "answers that a guest sees");

        Team mixture = ToyTeam.mixture();
        playApart(mixture, new RunRequest("2 plus 2?", null, 2, 3, 0.8, 3, List.of("latent"), Map.of("left", "L"))
                .sampling(1, 2).withLinks(Map.of("left->sum", "noise", "sum->right", "noise", "sum", "noise")));
    }

    private static void aRunThatARoomCannotTakeIsRefused() {
        SimulatedRoom room = new SimulatedRoom(ToyTeam.chain(), 22, "planner", "critic", "solver");
        room.pass(1_000);
        RunRequest request = ToyTeam.request(1, 4, "latent");
        String[][] refused = {{"the team has no link \"solver->critic\"", "solver->critic", "zero"},
            {"identity cannot stand for it", "planner->critic", "identity"}, {"known are", "planner", "silence"}};
        for (String[] each : refused) {
            Check.fails(IllegalArgumentException.class, () -> room.host.start(request.withLinks(Map.of(each[1], each[2])),
                    LatentEncoding.F32), each[0]);
        }
        Check.fails(IllegalArgumentException.class, () -> room.host.start(request.withSystems(Map.of("critic",
                "x".repeat(PeerMessage.MOST_TEXT + 1))), LatentEncoding.F32), "the system message of critic has 200001");
        Check.fails(IllegalArgumentException.class, () -> room.host.start(request.withSystems(Map.of("poet", "x")),
                LatentEncoding.F32), "poet");
        Check.fails(IllegalArgumentException.class, () -> room.host.start(
                request.searching("https://en.wikipedia.org/w/api.php"), LatentEncoding.F32), "a room asks no wiki");
        Check.fails(IllegalArgumentException.class, () -> room.host.start(request.retrieving(1), LatentEncoding.F32),
                "newest messages only", "Set retrieval to off");
        Check.that(!room.host.state().running(), "nothing has begun");
        room.host.start(request, LatentEncoding.F32);
        room.pass(5_000);
        Check.equal(SimulatedRoom.alone(ToyTeam.chain(), 1, 4), room.host.state().text(), "the next run");
    }

    private static void aPageThatClosesIsNoticedAtOnce() {
        SimulatedRoom room = new SimulatedRoom(ToyTeam.chain(), 23, "planner");
        GuestRoom guest = room.guest("Bea", "critic");
        SimulatedNetwork.Line line = room.connect(guest);
        room.pass(1_000);
        line.cut(false);
        room.pass(5_000);
        Check.equal(PeerMessage.Seat.State.READY, room.host.state().seats().get(1).state(), "5 s of silence");
        room.pass(3_000);
        Check.equal(PeerMessage.Seat.State.SILENT, room.host.state().seats().get(1).state(), "8 s of silence");
        Check.that(guest.state().silent(), "the guest misses the host");
        Check.equal(RoomState.Phase.INSIDE, guest.state().phase(), "it is not gone for that");
        room.connect(guest);
        room.pass(1_000);
        Check.equal(PeerMessage.Seat.State.READY, room.host.state().seats().get(1).state(), "back");
        Check.that(!guest.state().silent(), "the host is heard again");
        guest.goodbye();
        room.pass(100);
        Check.equal(PeerMessage.Seat.State.AWAY, room.host.state().seats().get(1).state(), "closed");
        GuestRoom other = room.guest("Cem", "critic");
        room.connect(other);
        room.pass(1_000);
        room.host.goodbye();
        room.pass(100);
        Check.equal(RoomState.Phase.APART, other.state().phase(), "the host's page is closed");
        Check.that(other.state().fault().contains("The page of the other browser was closed"), other.state().fault());
    }

    private static void aPeerThatComesBackGoesOn() {
        Team team = ToyTeam.chain();
        String expected = SimulatedRoom.alone(team, 3, team.latentSteps);
        for (boolean told : new boolean[] {true, false}) {
            SimulatedRoom room = new SimulatedRoom(team, 6, "planner");
            GuestRoom guest = room.guest("Bea", "critic", "solver");
            SimulatedNetwork.Line line = room.connect(guest);
            room.pass(1_000);
            room.host.start(ToyTeam.request(3, team.latentSteps, "latent"), LatentEncoding.F32);
            room.pass(500);
            Check.equal(List.of("planner 1"), room.visits, "done when the line is cut");
            line.cut(told);
            room.pass(told ? 5_000 : 10_000);
            Check.that(room.host.state().running(), "the run waits");
            if (told) {
                Check.equal(PeerMessage.Seat.State.AWAY, room.host.state().seats().get(1).state(), "critic");
                Check.equal(RoomState.Phase.APART, guest.state().phase(), "the guest");
                Check.that(guest.state().fault().contains("join again"), guest.state().fault());
            }
            room.connect(guest);   // where nobody was told, before the host has noticed
            room.pass(60_000);
            Check.equal(expected, room.host.state().text(), "text, told " + told);
            Check.equal(expected, guest.state().text(), "text of the guest");
            Check.equal(1L, room.visits.stream().filter("planner 1"::equals).count(), "what was done is not done again");

            room.host.start(ToyTeam.request(1, team.latentSteps, "latent"), LatentEncoding.F32);
            guest.leave();
            room.pass(1_000);
            GuestRoom other = room.guest("Cem", "critic", "solver");
            room.connect(other);
            room.pass(30_000);
            Check.equal(SimulatedRoom.alone(team, 1, team.latentSteps), other.state().text(), "with somebody else");
        }
    }

    private static void refused(SimulatedRoom room, GuestRoom guest, String... parts) {
        room.connect(guest);
        room.pass(3_000);
        Check.equal(RoomState.Phase.APART, guest.state().phase(), "phase");
        for (String part : parts) {
            Check.that(guest.state().fault().contains(part), guest.state().fault());
            Check.that(room.host.state().fault().contains(part), room.host.state().fault());
        }
    }

    private static void whoDoesNotFitIsRefused() {
        SimulatedRoom room = new SimulatedRoom(ToyTeam.chain(), 7, "planner");
        TeamCard card = room.card;
        refused(room, room.guest("A", new TeamCard("other", "team-hash", "links-hash", card.models()), "critic"),
                "\"chain\"", "\"other\"");
        refused(room, room.guest("B", new TeamCard("chain", "team-hash", "elsewhere", card.models()), "critic"),
                "links differ", "elsewhere");
        refused(room, room.guest("C", new TeamCard("chain", "changed", "links-hash", card.models()), "critic"),
                "team files differ");
        List<TeamCard.Model> models = new ArrayList<>(card.models());
        models.set(1, new TeamCard.Model("critic", "models/critic/", "quantized", 5));
        refused(room, room.guest("D", new TeamCard("chain", "team-hash", "links-hash", models), "critic"),
                "critic's model", "other weights", "quantized");
        models.set(1, new TeamCard.Model("critic", "models/critic/", "w-critic", 9));
        refused(room, room.guest("E", new TeamCard("chain", "team-hash", "links-hash", models), "critic"),
                "hidden size 5", "has 9");
        refused(room, room.guest("F", "planner"), "planner is played by Hana");
        refused(room, room.guest("G", "poet"), "no agent \"poet\"");
        refused(room, room.guest("H"), "no role");
        GuestRoom good = room.guest("I", "critic");
        room.connect(good);
        room.pass(3_000);
        Check.equal(RoomState.Phase.INSIDE, good.state().phase(), "one that fits");
    }

    private static void anybodyCanStopARun() {
        SimulatedRoom room = new SimulatedRoom(ToyTeam.chain(), 8, "planner", "solver");
        GuestRoom guest = room.guest("Bea", "critic");
        room.connect(guest);
        room.pass(1_000);
        room.host.start(ToyTeam.request(3, 4, "latent"), LatentEncoding.F16);
        room.pass(500);
        guest.stop();
        room.pass(5_000);
        Check.that(room.host.state().stopped() && !room.host.state().running(), "host");
        Check.that(guest.state().stopped() && !guest.state().running(), "guest");
        Check.equal("", room.host.state().fault(), "a stop is no failure");
        room.host.start(ToyTeam.request(3, 4, "latent"), LatentEncoding.F32);
        room.pass(30_000);
        Check.equal(SimulatedRoom.alone(ToyTeam.chain(), 3, 4), guest.state().text(), "the next run");
    }

    private static void aFailureIsToldToEverybody() {
        SimulatedRoom room = new SimulatedRoom(ToyTeam.chain(), 9, "planner", "solver");
        room.broken = "critic->solver";
        GuestRoom guest = room.guest("Bea", "critic");
        room.connect(guest);
        room.pass(1_000);
        room.host.start(ToyTeam.request(1, 4, "latent"), LatentEncoding.F32);
        room.pass(20_000);
        for (RoomState state : List.of(room.host.state(), guest.state())) {
            Check.that(!state.running() && state.fault().contains("critic (Bea)")
                    && state.fault().contains("row 4 of the message is not finite"), state.fault());
            Check.equal("", state.text(), "no answer");
        }
    }

    private static void aHostThatLeavesIsSaid() {
        SimulatedRoom room = new SimulatedRoom(ToyTeam.chain(), 10, "planner");
        GuestRoom guest = room.guest("Bea", "critic");
        room.connect(guest);
        room.pass(1_000);
        room.host.leave();
        room.pass(1_000);
        Check.equal(RoomState.Phase.APART, guest.state().phase(), "phase");
        Check.that(guest.state().fault().contains("has ended"), guest.state().fault());
    }
}
