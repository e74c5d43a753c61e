package org.recursivemas.together;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.StopSwitch;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamListener;
import org.recursivemas.team.TeamPart;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.toy.ToyLog;
import org.recursivemas.toy.ToyTeam;

/** A room of toy models on a {@link SimulatedNetwork}: every browser has models of its own. */
public final class SimulatedRoom {
    /** How long a stage takes. */
    private static final double STAGE_MILLIS = 300;

    public final SimulatedNetwork network;
    public final Team team;
    public final TeamPlan plan;
    public final TeamCard card;
    public final HostRoom host;
    public final List<GuestRoom> guests = new ArrayList<>();
    /** Visits done by anybody, as {@code agent round}. */
    public final List<String> visits = new ArrayList<>();
    /** System messages that whoever does a visit was told, as {@code agent round: agents with a message}. */
    public final List<String> told = new ArrayList<>();
    /** What the models of each browser were asked to do. */
    public final List<ToyLog> logs = new ArrayList<>();
    /** Id of a link whose messages are broken, or null. */
    public String broken;

    public SimulatedRoom(Team team, int seed, String... hostAgents) {
        this.team = team;
        network = new SimulatedNetwork(seed);
        plan = TeamPlan.of(team, "team.json");
        List<TeamCard.Model> models = new ArrayList<>();
        team.agents.forEach(agent -> models.add(new TeamCard.Model(agent.id, agent.model, "w-" + agent.id,
                agent.hiddenSize)));
        card = new TeamCard(team.id, "team-hash", "links-hash", models);
        host = new HostRoom(plan, card, new ToyPart(), network::millis, "Hana", List.of(hostAgents), () -> { });
    }

    public GuestRoom guest(String name, TeamCard other, String... agents) {
        GuestRoom guest = new GuestRoom(plan, other, new ToyPart(), network::millis, "member of " + name, name,
                List.of(agents), () -> { });
        guests.add(guest);
        return guest;
    }

    public GuestRoom guest(String name, String... agents) {
        return guest(name, card, agents);
    }

    /** Connects a guest with the host. */
    public SimulatedNetwork.Line connect(GuestRoom guest) {
        SimulatedNetwork.Line line = network.line();
        line.left.receiver = host.connect(line.left);
        line.right.receiver = guest.connect(line.right);
        return line;
    }

    public void pass(double millis) {
        network.pass(millis, () -> {
            host.tick();
            guests.forEach(GuestRoom::tick);
        });
    }

    /** The text that one machine writes. */
    public static String alone(Team team, int rounds, int latentSteps) {
        return alone(team, ToyTeam.request(rounds, latentSteps, "latent")).text;
    }

    /** What one machine reports. */
    public static ModeReport alone(Team team, RunRequest request) {
        return alone(new ToyTeam(team), request);
    }

    /** The same by toys whose log is looked at afterwards. */
    public static ModeReport alone(ToyTeam toys, RunRequest request) {
        return toys.load().answer("latent", request, TeamListener.NONE, () -> false);
    }

    /** Agents on toy models; a stage takes some time. */
    private final class ToyPart implements Part {
        private final ToyTeam toys = new ToyTeam(team);
        private TeamPart part;
        private StopSwitch stop = new StopSwitch();

        ToyPart() {
            logs.add(toys.log);
        }

        @Override
        public void load(List<String> agents, Loading loading) {
            network.later(STAGE_MILLIS, () -> {
                if (broken != null) {
                    toys.device.breakLink(broken);
                }
                Map<String, LanguageModel> models = new LinkedHashMap<>();
                agents.forEach(agent -> models.put(agent, toys.models.get(agent)));
                part = new TeamPart(plan, models, toys.device, toys.links, network::millis);
                loading.ready();
            });
        }

        @Override
        public void work(RunRequest request, Schedule.Visit visit, Map<String, LatentBlock> slots, Working working) {
            told.add(visit.agent() + " " + visit.round() + ": " + request.systems().keySet());
            StopSwitch own = new StopSwitch();
            stop = own;
            network.later(STAGE_MILLIS, () -> {
                TeamPart.Result result;
                try {
                    result = part.work(request, visit, slots, new TeamListener() {
                        @Override
                        public void onText(String mode, String textSoFar, int decodedTokens) {
                            working.text(textSoFar, decodedTokens);
                        }
                    }, own);
                } catch (RuntimeException e) {
                    working.failed(Failure.of(e));
                    return;
                }
                visits.add(visit.agent() + " " + visit.round());
                working.done(result);
            });
        }

        @Override
        public void stop() {
            stop.stop();
        }

        @Override
        public void close() {
            stop.stop();
        }
    }
}
