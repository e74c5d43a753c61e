package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.measure.Replay;
import org.recursivemas.measure.Conditions;
import org.recursivemas.measure.SharedSetup;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.team.LinkSwap;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.tools.ToolBox;

/**
 * Everything the page shows, in one place and without any document: what a person set, what the playground told, and
 * what follows from both. Changed by {@link PlaygroundController} only.
 */
public final class PlaygroundState {
    public static final String LATENT = "latent";
    public static final String TEXT = "text";
    public static final String SINGLE = "single";
    /** All modes, in the order in which they run and stand side by side. */
    public static final List<String> MODES = List.of(LATENT, TEXT, SINGLE);

    public static final int MIN_ROUNDS = 1;
    public static final int MAX_ROUNDS = 5;
    public static final int MAX_LATENT_STEPS = TeamPlan.MAX_LATENT_STEPS;
    public static final double MAX_TEMPERATURE = 2;
    public static final double MIN_TOP_P = 0.05;
    public static final double MIN_ALIKE = 0.5;
    /** Mean cosine from which two rounds' messages count as alike, where a person says nothing else. */
    public static final double ALIKE = 0.99;

    /** What the playground is doing. */
    public enum Activity {
        /** The team file is on its way. */
        OPENING,
        /** There is no team: its file could not be read. */
        UNOPENED,
        IDLE, LOADING, RUNNING
    }

    /** Download and compilation of one agent's model. */
    public static final class Progress {
        private final double fraction;
        private final String text;

        Progress(double fraction, String text) {
            this.fraction = fraction;
            this.text = text;
        }

        /** 0 to 1. */
        public double fraction() {
            return fraction;
        }

        public String text() {
            return text;
        }
    }

    /** The stage before which a run waits. */
    public record Halted(String mode, String agent, int round, String kind) {
    }

    Activity activity = Activity.OPENING;
    boolean stopping;
    boolean restarting;
    boolean engineLost;
    boolean modelsReady;
    double readyMillis;
    String unavailable;
    String error;
    String note;
    boolean repairable;
    String status = "";
    Team team;
    private TeamPlan plan;
    /** What the open team's link file holds; null until it is known, or when it could not be read. */
    LinkIndex links;
    String linksFault;
    String problem = "";
    Playground.Problem generated;
    int rounds = 1;
    int latentSteps;
    double temperature;
    String seedText = "0";
    double topP = RunRequest.TOP_P;
    int answers = 1;
    int retrieval;
    boolean stepwise;
    String search;
    String suggestedSearch;
    boolean stopsEarly;
    double alike = ALIKE;
    /** Agent, round and kind of the stage before which the run has halted; null while it goes on. */
    Halted halted;
    RunRequest request;
    RunReport report;
    String occupied;
    final Map<String, Boolean> chosen = new LinkedHashMap<>();
    final Map<String, String> systems = new LinkedHashMap<>();
    final Map<String, Progress> progress = new LinkedHashMap<>();
    final Map<String, ModeRun> runs = new LinkedHashMap<>();
    final Map<String, String> swaps = new LinkedHashMap<>();
    boolean seesInside;
    String activeMode;

    public PlaygroundState() {
        for (String mode : MODES) {
            chosen.put(mode, true);
            runs.put(mode, new ModeRun(mode));
        }
    }

    public Activity activity() {
        return activity;
    }

    /** Whether Stop was pressed and the end is not yet there. */
    public boolean stopping() {
        return stopping;
    }

    public boolean modelsReady() {
        return modelsReady;
    }

    /** Wall time that loading the models took. */
    public double readyMillis() {
        return readyMillis;
    }

    /** Why this browser cannot run the team, or null. */
    public String unavailable() {
        return unavailable;
    }

    /** The last failure, until it is dismissed or followed by a success; or null. */
    public String error() {
        return error;
    }

    /** Whether the last failure goes away when stored weights are repaired. */
    public boolean repairable() {
        return repairable && error != null && canLoad();
    }

    /** What a person should know of how team and models were had, or null. */
    public String note() {
        return note;
    }

    /** One line on what is going on. */
    public String status() {
        return status;
    }

    /** The team, or null until its file has been read. */
    public Team team() {
        return team;
    }

    public String problem() {
        return problem;
    }

    /** The expected answer: known as long as the box holds a generated problem unchanged, else null. */
    public String expected() {
        return generated != null && generated.text().equals(problem) ? generated.answer() : null;
    }

    public int rounds() {
        return rounds;
    }

    public int latentSteps() {
        return latentSteps;
    }

    public double temperature() {
        return temperature;
    }

    /** Nucleus of the sampling, above 0, at most 1. */
    public double topP() {
        return topP;
    }

    /** Answers from one set of rollouts. */
    public int answers() {
        return answers;
    }

    /** Messages that a hand-off brings, the most relevant ones; 0 for the newest alone. */
    public int retrieval() {
        return retrieval;
    }

    /** Whether the next run halts before each stage. */
    public boolean stepwise() {
        return stepwise;
    }

    /** Whether the next latent run may end before its last round. */
    public boolean stopsEarly() {
        return stopsEarly;
    }

    /** Mean cosine from which two rounds' messages count as alike. */
    public double alike() {
        return alike;
    }

    /** The wiki that the search tools of the next run ask; null for the team's corpus. */
    public String search() {
        return search;
    }

    /** The wiki that the runs of a link or report asked that was taken over last; null for none. Asked only when it is chosen. */
    public String suggestedSearch() {
        return suggestedSearch;
    }

    /** Whether the team has a search tool. */
    public boolean searches() {
        return team != null && team.tools.stream().anyMatch(tool -> ToolBox.SEARCH.equals(tool.kind));
    }

    /** Where the run waits for a person, or null. */
    public Halted halted() {
        return halted;
    }

    /** The seed as typed. */
    public String seedText() {
        return seedText;
    }

    /** What is wrong with the typed seed, or null. */
    public String seedError() {
        return parseSeed(seedText) < 0 ? Texts.SEED_WRONG : null;
    }

    public boolean isChosen(String mode) {
        return chosen.get(mode);
    }

    /** The system message in force for an agent. */
    public String system(String agent) {
        return systems.get(agent);
    }

    /** Whether an agent's system message differs from the team's. */
    public boolean isSystemEdited(String agent) {
        AgentSpec spec = agent(agent);
        return spec != null && !teamSystem(spec).equals(systems.get(agent));
    }

    /** Whether the next latent run's vectors are kept and shown. */
    public boolean seesInside() {
        return seesInside;
    }

    /** What stands in a link's place. */
    public String swap(String link) {
        return swaps.getOrDefault(link, LinkSwap.TRAINED);
    }

    /** What stands in links' places, without those that are as trained. */
    public Map<String, String> swaps() {
        return new LinkedHashMap<>(swaps);
    }

    void swap(String link, String swap) {
        if (swap.equals(LinkSwap.TRAINED)) {
            swaps.remove(link);
        } else {
            swaps.put(link, swap);
        }
    }

    /** Progress of an agent's model, or null before its download began. */
    public Progress progress(String agent) {
        return progress.get(agent);
    }

    public ModeRun run(String mode) {
        return runs.get(mode);
    }

    /** The mode at work, or null. */
    public String activeMode() {
        return activeMode;
    }

    /** The answer that the shown run's answers are marked against, or null when it is not known (yet). */
    public String expectedOfRun() {
        return report != null ? report.expected : request != null ? request.expected() : null;
    }

    /** The shown run's request, or null before the first run and for a run that the page's button did not begin. */
    public RunRequest request() {
        return request;
    }

    /** The last finished (or stopped) run's report, or null. */
    public RunReport report() {
        return report;
    }

    /** Agent of that id, or null. */
    public AgentSpec agent(String id) {
        if (team != null) {
            for (AgentSpec agent : team.agents) {
                if (agent.id.equals(id)) {
                    return agent;
                }
            }
        }
        return null;
    }

    /** What to call an agent: its title, or its id where it has none. */
    public String agentTitle(String id) {
        AgentSpec agent = agent(id);
        return agent == null || agent.title == null || agent.title.isBlank() ? id : agent.title;
    }

    /** Whether an agent writes the answer: nobody reads on from it in the same round. */
    public boolean decides(String agent) {
        for (HandOff handOff : team.handOffs) {
            if (!handOff.feedback && handOff.from.equals(agent)) {
                return false;
            }
        }
        return true;
    }

    /** Whether something is under way that Stop ends. */
    public boolean canStop() {
        return (activity == Activity.RUNNING || activity == Activity.LOADING) && !stopping;
    }

    /** Whether a fresh engine can be asked for: the present one is lost, or does not come to the end that Stop wants. */
    public boolean canRestart() {
        return engineLost || stopping;
    }

    /** Whether the models can be fetched now. */
    public boolean canLoad() {
        return unavailable == null && activity == Activity.IDLE && !modelsReady;
    }

    /** Why Run cannot be pressed, for people, or null when it can. */
    public String runBlocked() {
        if (unavailable != null) {
            return Texts.BLOCKED_UNAVAILABLE;
        }
        if (activity == Activity.OPENING) {
            return Texts.BLOCKED_OPENING;
        }
        if (activity == Activity.UNOPENED) {
            return Texts.BLOCKED_NO_TEAM;
        }
        if (activity == Activity.LOADING) {
            return Texts.BLOCKED_LOADING;
        }
        if (activity == Activity.RUNNING) {
            return stopping ? Texts.BLOCKED_STOPPING : Texts.BLOCKED_RUNNING;
        }
        if (occupied != null) {
            return occupied;
        }
        if (problem.isBlank()) {
            return Texts.BLOCKED_NO_PROBLEM;
        }
        if (chosenModes().isEmpty()) {
            return Texts.BLOCKED_NO_MODE;
        }
        if (answers > 1 && temperature == 0) {
            return Texts.BLOCKED_SAME_ANSWERS;
        }
        return seedError() == null ? null : Texts.BLOCKED_SEED;
    }

    /** Why a mode cannot be run by this team, for people, or null when it can. */
    public String refused(String mode) {
        return mode.equals(LATENT) ? latentRefused(rounds, latentSteps) : null;
    }

    /**
     * Why this team cannot hand over hidden states in a run of that depth and so many steps, for people; null when it can,
     * and as long as its link file is not known.
     */
    public String latentRefused(int depth, int steps) {
        if (team == null || links == null) {
            return steps > 0 ? linksFault : null;
        }
        plan = plan == null ? TeamPlan.of(team, team.id) : plan;
        String lacking = links.fault(plan, depth, steps);
        return lacking == null ? null : lacking.substring(0, 1).toUpperCase(Locale.ROOT) + lacking.substring(1) + ".";
    }

    /** What the open team's link file holds, or null until it is known. */
    public LinkIndex links() {
        return links;
    }

    /** Why the link file could not be read, or null. */
    public String linksFault() {
        return linksFault;
    }

    /** Agents with latent steps of their own, as "Planner 8, Critic 0"; empty when all have the run's. */
    public String ownSteps() {
        List<String> own = new ArrayList<>();
        if (team != null) {
            team.agents.stream().filter(agent -> agent.latentSteps != null)
                    .forEach(agent -> own.add(agentTitle(agent.id) + " " + agent.latentSteps));
        }
        return String.join(", ", own);
    }

    /** The chosen modes in running order; those that the team cannot run are none of them. */
    public List<String> chosenModes() {
        List<String> modes = new ArrayList<>();
        for (String mode : MODES) {
            if (chosen.get(mode) && refused(mode) == null) {
                modes.add(mode);
            }
        }
        return modes;
    }

    /** The run as it is set up now. Only when {@link #runBlocked()} is null. */
    RunRequest toRequest() {
        return new RunRequest(problem, expected(), rounds, latentSteps, temperature, seed(), chosenModes(),
                editedSystems()).withLinks(swaps).seeingInside(seesInside)
                .sampling(topP, answers).stepwise(stepwise).searching(searches() ? search : null)
                .stoppingEarly(stopsEarly ? alike : 0).retrieving(retrieval);
    }

    /**
     * A run in a room: another problem and depth with everything else as it is set up now. Searches look through the
     * team's corpus.
     *
     * @throws IllegalArgumentException for people, when a value is out of range
     */
    public RunRequest inRoom(String question, int roundsThere, int stepsThere) {
        if (seedError() != null) {
            throw new IllegalArgumentException(seedError());
        }
        return new RunRequest(question, null, roundsThere, stepsThere, temperature, seed(), List.of("latent"),
                editedSystems()).withLinks(swaps).sampling(topP, answers).retrieving(retrieval);
    }

    /** The seed 0 to 2^31 - 1, or -1 when {@link #seedError()} says what is wrong with it. */
    public int seed() {
        return parseSeed(seedText);
    }

    /** The system messages that differ from the team's, by agent id. */
    public Map<String, String> editedSystems() {
        Map<String, String> edited = new LinkedHashMap<>();
        if (team != null) {
            for (AgentSpec agent : team.agents) {
                if (isSystemEdited(agent.id)) {
                    edited.put(agent.id, systems.get(agent.id));
                }
            }
        }
        return edited;
    }

    /** Why no comparison or benchmark can take the conditions as they are, for people, or null. */
    public String conditionsError() {
        return answers > 1 && temperature == 0 ? Texts.BLOCKED_SAME_ANSWERS : seedError();
    }

    /** What holds for all runs of a comparison or benchmark; {@link #conditionsError} must be null. */
    public Conditions conditions() {
        return new Conditions(temperature, seed(), topP, answers, retrieval, editedSystems(), swaps());
    }

    /** Problem, settings, changed prompts and swaps as they are; {@link #seedError} must be null. */
    public SharedSetup setup() {
        return new SharedSetup(problem, expected(), rounds, latentSteps, temperature, seed(), chosenModes(), editedSystems(),
                swaps(), topP, answers, retrieval, stopsEarly ? alike : 0, search);
    }

    /** @throws IllegalArgumentException for people, when it is of agents or links that the team does not have */
    void restore(SharedSetup setup) {
        Map<String, String> changed = Replay.changedSystems(setup.systems(), team);
        LinkSwap.require(setup.links(), LinkSwap.widths(team));
        swaps.clear();
        setup.links().forEach(this::swap);
        for (AgentSpec agent : team.agents) {
            systems.put(agent.id, changed.getOrDefault(agent.id, teamSystem(agent)));
        }
        problem = setup.problem();
        generated = setup.expected() == null ? null : new Playground.Problem(problem, setup.expected());
        rounds = clamp(setup.rounds(), MIN_ROUNDS, MAX_ROUNDS);
        latentSteps = clamp(setup.latentSteps(), 0, MAX_LATENT_STEPS);
        temperature = setup.temperature();
        seedText = Integer.toString(setup.seed());
        topP = Math.max(MIN_TOP_P, setup.topP());
        answers = setup.answers();
        retrieval = setup.retrieval();
        stopsEarly = setup.stopEarly() > 0;
        alike = stopsEarly ? Math.max(MIN_ALIKE, setup.stopEarly()) : alike;
        suggestedSearch = setup.search();
        search = setup.search() == null || !setup.search().equals(search) ? null : search;
        for (String mode : MODES) {
            chosen.put(mode, setup.ways().contains(mode));
        }
    }

    void open(Team opened) {
        team = opened;
        plan = null;
        links = opened.links == null ? LinkIndex.NONE : null;
        linksFault = null;
        swaps.clear();
        activity = Activity.IDLE;
        modelsReady = false;
        progress.clear();
        systems.clear();
        for (AgentSpec agent : opened.agents) {
            systems.put(agent.id, teamSystem(agent));
        }
        rounds = clamp(opened.rounds, MIN_ROUNDS, MAX_ROUNDS);
        latentSteps = clamp(opened.latentSteps, 0, MAX_LATENT_STEPS);
        retrieval = clamp(opened.retrieval, 0, RunRequest.MOST_RETRIEVED);
        if (problem.isBlank() && !opened.examples.isEmpty()) {
            problem = opened.examples.get(0);
        }
    }

    /** The seed 0 to 2^31 - 1, or -1 when the text is none. */
    static int parseSeed(String text) {
        String digits = text.trim();
        if (digits.isEmpty() || digits.length() > 10) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value > Integer.MAX_VALUE ? -1 : (int) value;
    }

    static String teamSystem(AgentSpec agent) {
        return agent.system == null ? "" : agent.system;
    }

    static int clamp(int value, int low, int high) {
        return Math.max(low, Math.min(high, value));
    }
}
