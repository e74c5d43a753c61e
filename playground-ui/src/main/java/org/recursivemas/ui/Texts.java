package org.recursivemas.ui;

import java.util.Map;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;

/** Every text of the page that does not come from the team, the playground or a person. */
final class Texts {
    static final String TITLE = Words.of("RecursiveMAS playground");
    static final String INTRO = Words.of("A team of small, frozen language models solves a problem without writing to "
            + "each other. Each agent thinks for some steps in its last hidden layer and hands those hidden states, "
            + "through a small link, to the next one. The team goes round as often as you like; only the last agent of "
            + "the last round writes. All of it runs in this page, on your own GPU: nothing you type leaves the browser, "
            + "unless you have an agent search a wiki on the web.");
    static final String LANGUAGE = Words.of("Language");
    static final String SKIP = Words.of("Skip to the problem");

    static final String UNAVAILABLE_TITLE = Words.of("The agents cannot run in this browser");
    static final String UNAVAILABLE_REST = Words.of("Everything else on this page works: problems, settings and prompts "
            + "can be looked at and changed.");
    static final String ERROR_TITLE = Words.of("Something went wrong");
    static final String DISMISS = Words.of("Dismiss");
    static final String REPAIR = Words.of("Repair");
    static final String RESTART = Words.of("Restart the engine");

    static final String TEAMS_LABEL = Words.of("Teams");

    static final String PROBLEM_TITLE = Words.of("Problem");
    static final String PROBLEM_LABEL = Words.of("Problem to solve");
    static final String PROBLEM_PLACEHOLDER = Words.of("Type a problem, take an example, or have a new one made.");
    static final String EXAMPLES_LABEL = Words.of("Examples");
    static final String EXAMPLES_CHOOSE = Words.of("Take an example\u2026");
    static final String NEW_PROBLEM = Words.of("New problem");
    static final String ANSWER_UNKNOWN = Words.of("The answer to this problem is not known to the page, so it is not "
            + "marked.");
    static final String ANSWER_KNOWN = Words.of("Answers will be marked against the known answer, ");

    static final String SETTINGS_TITLE = Words.of("Settings");
    static final String ROUNDS_LABEL = Words.of("Depth (rounds)");
    static final String ROUNDS_HINT = Words.of("How often the team goes round.");
    static final String STEPS_LABEL = Words.of("Latent steps");
    static final String STEPS_HINT = Words.of("Hidden states per message; 0 hands over nothing.");
    static final String OWN_STEPS = Words.of(" Of their own, unless this is 0: ");
    static final String TEMPERATURE_LABEL = Words.of("Temperature");
    static final String TEMPERATURE_HINT = Words.of("0 always takes the likeliest token.");
    static final String SEED_LABEL = Words.of("Seed");
    static final String TOP_P_LABEL = Words.of("Top-p");
    static final String TOP_P_HINT = Words.of("Above temperature 0: samples among the likeliest tokens that together "
            + "have this probability.");
    static final String ANSWERS_LABEL = Words.of("Answers");
    static final String ANSWERS_HINT = Words.of("Decoded from one set of rollouts, each with a seed of its own; the most "
            + "frequent one counts.");
    static final String STOP_EARLY_LABEL = Words.of("Stop early");
    static final String STOP_EARLY_HINT = Words.of("Latent: a round whose messages are like those of the round before is "
            + "the last. Depth is then the most; it takes 3 to save anything.");
    static final String ALIKE_LABEL = Words.of("Alike from");
    static final String ALIKE_HINT = Words.of("Mean cosine of the messages that reach the last agent with those of the "
            + "round before.");
    static final String SEED_HINT = Words.of("The same seed repeats a run.");
    static final String SEED_WRONG = Words.of("The seed must be a whole number from 0 to 2147483647.");
    static final String MODES_LABEL = Words.of("Run side by side");

    static final String ROLES_TITLE = Words.of("Roles");
    static final String ROLES_INTRO = Words.of("The system message of each agent. Change it and run again.");
    static final String RESET = Words.of("Reset");
    static final String EDITED = Words.of("edited");
    static final String USER_MESSAGE = Words.of("What it is asked");
    static final String USER_FEEDBACK = Words.of("From round 2 on");
    static final String USER_ALONE = Words.of("When it works alone");

    static final String RUN = Words.of("Run");
    static final String STOP = Words.of("Stop");
    static final String STEPWISE_LABEL = Words.of("Stage by stage");
    static final String STEPWISE_HINT = Words.of("The run halts before each agent's turn; its clock stands still meanwhile.");
    static final String NEXT_STAGE = Words.of("Next stage");
    static final String RUN_ON = Words.of("To the end");
    static final String LOAD = Words.of("Load models");
    static final String PROGRESS_TITLE = Words.of("Models");

    static final String LOOP_TITLE = Words.of("The loop");
    static final String RESULTS_TITLE = Words.of("Results");
    static final String DOWNLOAD = Words.of("Download run report (JSON)");
    static final String SAVINGS_TITLE = Words.of("Same meter, side by side");
    static final String SAVINGS_NOTE = Words.of("Decoded tokens of all agents, wall time from the first prompt to the "
            + "last token, and positions pushed through a model, counted alike in every mode.");

    static final String ANSWER = Words.of("Answer");
    static final String OUTPUT = Words.of("What the last agent wrote");
    static final String CORRECT = Words.of("\u2713 correct");
    static final String WRONG = Words.of("\u2717 wrong");
    static final String NO_ANSWER = Words.of("none found in the text");
    static final String DECODED_TOKENS = Words.of("Decoded tokens");
    static final String POSITIONS = Words.of("Positions");
    static final String SECONDS = Words.of("Seconds");
    static final String ROUNDS_RUN = Words.of("Rounds");
    static final String LATENT_STEPS = Words.of("Latent steps");
    static final String LINK_MILLIS = Words.of("Links, ms");
    static final String CUT_OFF = Words.of("The text was cut off at the agent's limit of tokens.");
    static final String STAGES_TITLE = Words.of("Stage by stage");
    static final String[] STAGE_COLUMNS = {Words.of("Agent"), Words.of("Round"), Words.of("Kind"),
            Words.of("Prompt positions"), Words.of("Latent steps"), Words.of("Tokens"), Words.of("ms"),
        Words.of("Mean norm")};
    static final String NOT_FINITE = Words.of("not finite");

    static final String UNIT_DECODED_TOKENS = Words.of("decoded tokens");
    static final String UNIT_POSITIONS = Words.of("positions");
    static final String TIME_UNKNOWN = Words.of("time not measured");
    static final String AS_FAST = Words.of("as fast");
    static final String AS_MANY = Words.of("as many");
    static final String FEWER = Words.of("fewer");
    static final String MORE = Words.of("more");

    static final String STATUS_OPENING = Words.of("Reading the team\u2026");
    static final String STATUS_OPENED = Words.of("Ready to run. The first run loads the models.");
    static final String STATUS_OPENED_ONLY = Words.of("The team can be looked at.");
    static final String STATUS_REPAIRING = Words.of("Repairing what is stored, then loading the models\u2026");
    static final String STATUS_LOADING = Words.of("Loading the models\u2026");
    static final String STATUS_LOAD_STOPPED = Words.of("Loading stopped.");
    static final String STATUS_RUNNING = Words.of("Running\u2026");
    static final String STATUS_STOPPING = Words.of("Stopping\u2026");
    static final String STATUS_STOPPED = Words.of("Stopped. What was finished stays.");
    static final String STATUS_RESTARTED = Words.of("A fresh engine is up. The next run loads the models again.");
    static final String STATUS_FAILED = Words.of("Failed.");

    static final String BLOCKED_UNAVAILABLE = Words.of("Run is off: the agents cannot run in this browser, see above.");
    static final String BLOCKED_OPENING = Words.of("Run is off until the team has been read.");
    static final String BLOCKED_NO_TEAM = Words.of("Run is off: there is no team.");
    static final String BLOCKED_LOADING = Words.of("Run is off while the models are loading.");
    static final String BLOCKED_RUNNING = Words.of("Run is off while a run is under way.");
    static final String BLOCKED_STOPPING = Words.of("Run is off until the present run has stopped.");
    static final String BLOCKED_NO_PROBLEM = Words.of("Run is off: there is no problem to solve.");
    static final String BLOCKED_NO_MODE = Words.of("Run is off: choose at least one way to answer.");
    static final String BLOCKED_SAME_ANSWERS =
            Words.of("Run is off: at temperature 0 all answers are the same. Raise the temperature or take 1 answer.");
    static final String BLOCKED_SEED = Words.of("Run is off: the seed is not a number.");

    static final String TABS = Words.of("Sections of the page");
    static final String TAB_RUN = Words.of("Run");
    static final String TAB_TEAM = Words.of("Team");
    static final String TAB_BENCHMARK = Words.of("Benchmark");
    static final String TAB_HISTORY = Words.of("History");
    static final String TAB_TOGETHER = Words.of("Together");
    static final String TAB_MODELS = Words.of("Models");
    static final String TAB_LEARN = Words.of("Learn");
    static final String HOW_TITLE = Words.of("How it works");
    static final String[] HOW = {
        Words.of("Latent: an agent reads its prompt, then feeds its own last hidden state back as the next input, step "
                + "after step, through its inner link. The hidden states of these steps are its message. The outer link "
                + "turns them into input vectors of the next agent, which finds them in a slot of its prompt, between "
                + "the words."),
        Words.of("From round 2 on, the first agent finds the last agent's message of the round before in its prompt."),
        Words.of("Text: the same agents with the same prompts and rounds, but each writes its message as text and the "
                + "next reads it."),
        Words.of("Single agent: the last agent alone, with nothing but the problem."),
        Words.of("The models are never changed. Only the links were fitted.")
    };

    static final String TRACK = Words.of("Stages of the run, round by round");
    static final String STAGE_NOT_NEEDED = Words.of("not needed");
    static final String STAGE_WAITS = Words.of("waits");
    static final String GOES_BACK = Words.of("\u21ba back to the first agent");
    static final String INNER_LINK = Words.of("inner link");
    static final String OUTER_LINK = Words.of("outer link");
    static final String TEXT_LINK = Words.of("text");
    static final String FEEDBACK = Words.of("feedback from round 2 on");

    private Texts() {
    }

    static String modeTitle(String mode) {
        switch (mode) {
            case PlaygroundState.LATENT:
                return Words.of("Latent");
            case PlaygroundState.TEXT:
                return Words.of("Text");
            case PlaygroundState.SINGLE:
                return Words.of("Single agent");
            default:
                return mode;
        }
    }

    static String modeHint(String mode) {
        switch (mode) {
            case PlaygroundState.LATENT:
                return Words.of("Agents hand over hidden states.");
            case PlaygroundState.TEXT:
                return Words.of("The same agents hand over text.");
            default:
                return Words.of("The last agent alone.");
        }
    }

    static String modeStatus(ModeRun.Status status) {
        switch (status) {
            case WAITING:
                return Words.of("waits");
            case RUNNING:
                return Words.of("running");
            case DONE:
                return Words.of("done");
            case STOPPED:
                return Words.of("stopped");
            case FAILED:
                return Words.of("failed");
            default:
                return Words.of("not run");
        }
    }

    static String kind(String kind) {
        switch (kind) {
            case "rollout":
                return Words.of("thinks");
            case "text":
                return Words.of("writes a message");
            case "answer":
                return Words.of("writes the answer");
            default:
                return kind;
        }
    }

    static String expected(String answer) {
        return Words.of("expected {0}", answer);
    }

    static String ready(double millis) {
        return Words.of("Models loaded in {0} s.", Numbers.seconds(millis));
    }

    /** Where a run waits. */
    static String halted(String mode, String agent, int round, String kind) {
        return Words.of("{0} halted: next, in round {1}, {2} {3}.", modeTitle(mode), round, agent, kind(kind));
    }

    /** How often which answer was given. */
    static String votes(int all, Map<String, Integer> counts) {
        StringBuilder text = new StringBuilder(Words.of("{0} answers: ", all));
        String separator = "";
        for (Map.Entry<String, Integer> entry : counts.entrySet()) {
            text.append(separator).append(entry.getKey().isEmpty() ? NO_ANSWER : entry.getKey()).append(" \u00d7 ")
                    .append(entry.getValue());
            separator = ", ";
        }
        return text.toString();
    }

    /** How one of several answers came about. */
    static String ballot(AnswerReport answer) {
        return Words.of(" seed {0}, {1} tokens", answer.seed, Numbers.count(answer.decodedTokens));
    }

    static String modeStarted(String mode) {
        return Words.of("{0} is running\u2026", modeTitle(mode));
    }

    static String runEnded(int modes) {
        return Words.of("Run finished: {0}", modes == 1 ? Words.of("1 mode.") : Words.of("{0} modes.", modes));
    }

    static String readyTag(double millis) {
        return Words.of("models ready, {0} s", Numbers.seconds(millis));
    }

    static String unexpected(String what) {
        return Words.of("An unexpected error ({0}). Reload the page and try again.", what);
    }

    static String systemLabel(String agent) {
        return Words.of("System message of {0}", agent);
    }

    static String resetLabel(String agent) {
        return Words.of("Reset the system message of {0}", agent);
    }

    static String width(int hiddenSize) {
        return Words.of("{0} wide", hiddenSize);
    }

    static String progressLabel(String agent) {
        return Words.of("Loading of {0}", agent);
    }

    static String roundOf(int round, int rounds) {
        return Words.of("Round {0} of {1}", round, rounds);
    }

    /** Rounds that were run, of those that might have been, and how alike their messages were from round 2 on. */
    static String roundsRun(ModeReport report) {
        StringBuilder text = new StringBuilder(Words.of("{0} of {1}", report.rounds, report.mostRounds));
        for (int i = 0; i < report.agreements.length; i++) {
            text.append(i == 0 ? Words.of(" (alike: ") : ", ").append(Numbers.fixed(report.agreements[i], 4))
                    .append(i == report.agreements.length - 1 ? ")" : "");
        }
        return text.toString();
    }

    /** A round's name, with how alike its messages were to those of the round before. */
    static String round(int round, ModeReport report) {
        boolean compared = report != null && round >= 2 && round - 2 < report.agreements.length;
        return round(round) + (compared
                ? Words.of(", {0} like round {1}", Numbers.fixed(report.agreements[round - 2], 4), round - 1) : "");
    }

    static String round(int round) {
        return Words.of("Round {0}", round);
    }

    /** What an agent did, e.g. "32 latent steps, 120 ms". */
    static String stageDone(StageReport stage) {
        String did = stage.latentSteps > 0 || stage.decodedTokens == 0 ? Words.of("{0} latent",
                steps(stage.latentSteps))
                : Words.of("{0} tokens", stage.decodedTokens);
        return Words.of("{0}, {1} ms", did, Numbers.fixed(stage.millis, 0));
    }

    static String rounds(int rounds) {
        return rounds == 1 ? Words.of("1 round") : Words.of("{0} rounds", rounds);
    }

    static String loopIdle(String mode) {
        return Words.of("{0}: the agents wait", modeTitle(mode));
    }

    static String loopStage(String mode, String agent, String kind) {
        return modeTitle(mode) + ": " + agent + " " + kind(kind);
    }

    static String steps(int steps) {
        return "\u00d7 " + steps;
    }

    static String loopAlt(int agents, boolean feedback) {
        return Words.of("Loop of {0} agents: each hands its message to the next{1}",
                agents, feedback ? Words.of(", the last one back to the first for the next round.") : ".");
    }

    static String stagesOf(String mode, int stages) {
        return modeTitle(mode) + ": " + (stages == 1 ? Words.of("1 stage") : Words.of("{0} stages", stages));
    }

    static String tableLabel(String mode) {
        return Words.of("Stages of the mode {0}", modeTitle(mode));
    }

    static String written(String agent, int round) {
        return Words.of("{0}, round {1}", agent, round);
    }

    static String against(String tested, String baseline) {
        return Words.of("{0} against {1}", modeTitle(tested), modeTitle(baseline).toLowerCase());
    }

    static String insteadOf(String tested, String baseline) {
        return Words.of("({0}, not {1})", tested, baseline);
    }

    static String timesAsMany(String times) {
        return Words.of("{0} times as many", times);
    }

    static String timesFaster(String times) {
        return Words.of("{0} times faster", times);
    }

    static String timesSlower(String times) {
        return Words.of("{0} times slower", times);
    }

    static String bothAnswers(String tested, boolean testedRight, String baseline, boolean baselineRight) {
        if (testedRight == baselineRight) {
            return testedRight ? Words.of("Both answers are correct.") : Words.of("Both answers are wrong.");
        }
        return modeTitle(tested) + (testedRight ? Words.of(" is correct, ") : Words.of(" is wrong, "))
                + modeTitle(baseline).toLowerCase()
                + (baselineRight ? Words.of(" is correct.") : Words.of(" is wrong."));
    }
}
