package org.recursivemas.ui;

import java.util.Map;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;

/** Every text of the page that does not come from the team, the playground or a person. */
final class Texts {
    static final String TITLE = "RecursiveMAS playground";
    static final String INTRO = "A team of small, frozen language models solves a problem without writing to each "
            + "other. Each agent thinks for some steps in its last hidden layer and hands those hidden states, through "
            + "a small link, to the next one. The team goes round as often as you like; only the last agent of "
            + "the last round writes. All of it runs in this page, on your own GPU: nothing you type leaves "
            + "the browser, unless you have an agent search a wiki on the web.";
    static final String LANGUAGE = "Language";
    static final String SKIP = "Skip to the problem";

    static final String UNAVAILABLE_TITLE = "The agents cannot run in this browser";
    static final String UNAVAILABLE_REST = "Everything else on this page works: problems, settings and prompts can be "
            + "looked at and changed.";
    static final String ERROR_TITLE = "Something went wrong";
    static final String DISMISS = "Dismiss";
    static final String REPAIR = "Repair";
    static final String RESTART = "Restart the engine";

    static final String TEAMS_LABEL = "Teams";

    static final String PROBLEM_TITLE = "Problem";
    static final String PROBLEM_LABEL = "Problem to solve";
    static final String PROBLEM_PLACEHOLDER = "Type a problem, take an example, or have a new one made.";
    static final String EXAMPLES_LABEL = "Examples";
    static final String EXAMPLES_CHOOSE = "Take an example\u2026";
    static final String NEW_PROBLEM = "New problem";
    static final String ANSWER_UNKNOWN = "The answer to this problem is not known to the page, so it is not marked.";
    static final String ANSWER_KNOWN = "Answers will be marked against the known answer, ";

    static final String SETTINGS_TITLE = "Settings";
    static final String ROUNDS_LABEL = "Depth (rounds)";
    static final String ROUNDS_HINT = "How often the team goes round.";
    static final String STEPS_LABEL = "Latent steps";
    static final String STEPS_HINT = "Hidden states per message; 0 hands over nothing.";
    static final String OWN_STEPS = " Of their own, unless this is 0: ";
    static final String TEMPERATURE_LABEL = "Temperature";
    static final String TEMPERATURE_HINT = "0 always takes the likeliest token.";
    static final String SEED_LABEL = "Seed";
    static final String TOP_P_LABEL = "Top-p";
    static final String TOP_P_HINT = "Above temperature 0: samples among the likeliest tokens that together have this probability.";
    static final String ANSWERS_LABEL = "Answers";
    static final String ANSWERS_HINT = "Decoded from one set of rollouts, each with a seed of its own; the most frequent one counts.";
    static final String STOP_EARLY_LABEL = "Stop early";
    static final String STOP_EARLY_HINT = "Latent: a round whose messages are like those of the round before is the last. "
            + "Depth is then the most; it takes 3 to save anything.";
    static final String ALIKE_LABEL = "Alike from";
    static final String ALIKE_HINT = "Mean cosine of the messages that reach the last agent with those of the round before.";
    static final String SEED_HINT = "The same seed repeats a run.";
    static final String SEED_WRONG = "The seed must be a whole number from 0 to 2147483647.";
    static final String MODES_LABEL = "Run side by side";

    static final String ROLES_TITLE = "Roles";
    static final String ROLES_INTRO = "The system message of each agent. Change it and run again.";
    static final String RESET = "Reset";
    static final String EDITED = "edited";
    static final String USER_MESSAGE = "What it is asked";
    static final String USER_FEEDBACK = "From round 2 on";
    static final String USER_ALONE = "When it works alone";

    static final String RUN = "Run";
    static final String STOP = "Stop";
    static final String STEPWISE_LABEL = "Stage by stage";
    static final String STEPWISE_HINT = "The run halts before each agent's turn; its clock stands still meanwhile.";
    static final String NEXT_STAGE = "Next stage";
    static final String RUN_ON = "To the end";
    static final String LOAD = "Load models";
    static final String PROGRESS_TITLE = "Models";

    static final String LOOP_TITLE = "The loop";
    static final String RESULTS_TITLE = "Results";
    static final String DOWNLOAD = "Download run report (JSON)";
    static final String SAVINGS_TITLE = "Same meter, side by side";
    static final String SAVINGS_NOTE = "Decoded tokens of all agents, wall time from the first prompt to the last "
            + "token, and positions pushed through a model, counted alike in every mode.";

    static final String ANSWER = "Answer";
    static final String OUTPUT = "What the last agent wrote";
    static final String CORRECT = "\u2713 correct";
    static final String WRONG = "\u2717 wrong";
    static final String NO_ANSWER = "none found in the text";
    static final String DECODED_TOKENS = "Decoded tokens";
    static final String POSITIONS = "Positions";
    static final String SECONDS = "Seconds";
    static final String ROUNDS_RUN = "Rounds";
    static final String LATENT_STEPS = "Latent steps";
    static final String LINK_MILLIS = "Links, ms";
    static final String CUT_OFF = "The text was cut off at the agent's limit of tokens.";
    static final String STAGES_TITLE = "Stage by stage";
    static final String[] STAGE_COLUMNS = {"Agent", "Round", "Kind", "Prompt positions", "Latent steps", "Tokens", "ms",
        "Mean norm"};
    static final String NOT_FINITE = "not finite";

    static final String UNIT_DECODED_TOKENS = "decoded tokens";
    static final String UNIT_POSITIONS = "positions";
    static final String TIME_UNKNOWN = "time not measured";
    static final String AS_FAST = "as fast";
    static final String AS_MANY = "as many";
    static final String FEWER = "fewer";
    static final String MORE = "more";

    static final String STATUS_OPENING = "Reading the team\u2026";
    static final String STATUS_OPENED = "Ready to run. The first run loads the models.";
    static final String STATUS_OPENED_ONLY = "The team can be looked at.";
    static final String STATUS_REPAIRING = "Repairing what is stored, then loading the models\u2026";
    static final String STATUS_LOADING = "Loading the models\u2026";
    static final String STATUS_LOAD_STOPPED = "Loading stopped.";
    static final String STATUS_RUNNING = "Running\u2026";
    static final String STATUS_STOPPING = "Stopping\u2026";
    static final String STATUS_STOPPED = "Stopped. What was finished stays.";
    static final String STATUS_RESTARTED = "A fresh engine is up. The next run loads the models again.";
    static final String STATUS_FAILED = "Failed.";

    static final String BLOCKED_UNAVAILABLE = "Run is off: the agents cannot run in this browser, see above.";
    static final String BLOCKED_OPENING = "Run is off until the team has been read.";
    static final String BLOCKED_NO_TEAM = "Run is off: there is no team.";
    static final String BLOCKED_LOADING = "Run is off while the models are loading.";
    static final String BLOCKED_RUNNING = "Run is off while a run is under way.";
    static final String BLOCKED_STOPPING = "Run is off until the present run has stopped.";
    static final String BLOCKED_NO_PROBLEM = "Run is off: there is no problem to solve.";
    static final String BLOCKED_NO_MODE = "Run is off: choose at least one way to answer.";
    static final String BLOCKED_SAME_ANSWERS =
            "Run is off: at temperature 0 all answers are the same. Raise the temperature or take 1 answer.";
    static final String BLOCKED_SEED = "Run is off: the seed is not a number.";

    static final String TABS = "Sections of the page";
    static final String TAB_RUN = "Run";
    static final String TAB_TEAM = "Team";
    static final String TAB_BENCHMARK = "Benchmark";
    static final String TAB_HISTORY = "History";
    static final String TAB_TOGETHER = "Together";
    static final String TAB_MODELS = "Models";
    static final String TAB_LEARN = "Learn";
    static final String HOW_TITLE = "How it works";
    static final String[] HOW = {
        "Latent: an agent reads its prompt, then feeds its own last hidden state back as the next input, step after "
            + "step, through its inner link. The hidden states of these steps are its message. The outer link turns "
            + "them into input vectors of the next agent, which finds them in a slot of its prompt, between the words.",
        "From round 2 on, the first agent finds the last agent's message of the round before in its prompt.",
        "Text: the same agents with the same prompts and rounds, but each writes its message as text and the next "
            + "reads it.",
        "Single agent: the last agent alone, with nothing but the problem.",
        "The models are never changed. Only the links were fitted."
    };

    static final String TRACK = "Stages of the run, round by round";
    static final String STAGE_NOT_NEEDED = "not needed";
    static final String STAGE_WAITS = "waits";
    static final String GOES_BACK = "\u21ba back to the first agent";
    static final String INNER_LINK = "inner link";
    static final String OUTER_LINK = "outer link";
    static final String TEXT_LINK = "text";
    static final String FEEDBACK = "feedback from round 2 on";

    private Texts() {
    }

    static String modeTitle(String mode) {
        switch (mode) {
            case PlaygroundState.LATENT:
                return "Latent";
            case PlaygroundState.TEXT:
                return "Text";
            case PlaygroundState.SINGLE:
                return "Single agent";
            default:
                return mode;
        }
    }

    static String modeHint(String mode) {
        switch (mode) {
            case PlaygroundState.LATENT:
                return "Agents hand over hidden states.";
            case PlaygroundState.TEXT:
                return "The same agents hand over text.";
            default:
                return "The last agent alone.";
        }
    }

    static String modeStatus(ModeRun.Status status) {
        switch (status) {
            case WAITING:
                return "waits";
            case RUNNING:
                return "running";
            case DONE:
                return "done";
            case STOPPED:
                return "stopped";
            case FAILED:
                return "failed";
            default:
                return "not run";
        }
    }

    static String kind(String kind) {
        switch (kind) {
            case "rollout":
                return "thinks";
            case "text":
                return "writes a message";
            case "answer":
                return "writes the answer";
            default:
                return kind;
        }
    }

    static String expected(String answer) {
        return "expected " + answer;
    }

    static String ready(double millis) {
        return "Models loaded in " + Numbers.seconds(millis) + " s.";
    }

    /** Where a run waits. */
    static String halted(String mode, String agent, int round, String kind) {
        return modeTitle(mode) + " halted: next, in round " + round + ", " + agent + " " + kind(kind) + ".";
    }

    /** How often which answer was given. */
    static String votes(int all, Map<String, Integer> counts) {
        StringBuilder text = new StringBuilder(all + " answers: ");
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
        return " seed " + answer.seed + ", " + Numbers.count(answer.decodedTokens) + " tokens";
    }

    static String modeStarted(String mode) {
        return modeTitle(mode) + " is running\u2026";
    }

    static String runEnded(int modes) {
        return "Run finished: " + (modes == 1 ? "1 mode." : modes + " modes.");
    }

    static String readyTag(double millis) {
        return "models ready, " + Numbers.seconds(millis) + " s";
    }

    static String unexpected(String what) {
        return "An unexpected error (" + what + "). Reload the page and try again.";
    }

    static String systemLabel(String agent) {
        return "System message of " + agent;
    }

    static String resetLabel(String agent) {
        return "Reset the system message of " + agent;
    }

    static String width(int hiddenSize) {
        return hiddenSize + " wide";
    }

    static String progressLabel(String agent) {
        return "Loading of " + agent;
    }

    static String roundOf(int round, int rounds) {
        return "Round " + round + " of " + rounds;
    }

    /** Rounds that were run, of those that might have been, and how alike their messages were from round 2 on. */
    static String roundsRun(ModeReport report) {
        StringBuilder text = new StringBuilder(report.rounds + " of " + report.mostRounds);
        for (int i = 0; i < report.agreements.length; i++) {
            text.append(i == 0 ? " (alike: " : ", ").append(Numbers.fixed(report.agreements[i], 4))
                    .append(i == report.agreements.length - 1 ? ")" : "");
        }
        return text.toString();
    }

    /** A round's name, with how alike its messages were to those of the round before. */
    static String round(int round, ModeReport report) {
        boolean compared = report != null && round >= 2 && round - 2 < report.agreements.length;
        return round(round) + (compared ? ", " + Numbers.fixed(report.agreements[round - 2], 4) + " like round "
                + (round - 1) : "");
    }

    static String round(int round) {
        return "Round " + round;
    }

    /** What an agent did, e.g. "32 latent steps, 120 ms". */
    static String stageDone(StageReport stage) {
        String did = stage.latentSteps > 0 || stage.decodedTokens == 0 ? steps(stage.latentSteps) + " latent"
                : stage.decodedTokens + " tokens";
        return did + ", " + Numbers.fixed(stage.millis, 0) + " ms";
    }

    static String rounds(int rounds) {
        return rounds == 1 ? "1 round" : rounds + " rounds";
    }

    static String loopIdle(String mode) {
        return modeTitle(mode) + ": the agents wait";
    }

    static String loopStage(String mode, String agent, String kind) {
        return modeTitle(mode) + ": " + agent + " " + kind(kind);
    }

    static String steps(int steps) {
        return "\u00d7 " + steps;
    }

    static String loopAlt(int agents, boolean feedback) {
        return "Loop of " + agents + " agents: each hands its message to the next"
                + (feedback ? ", the last one back to the first for the next round." : ".");
    }

    static String stagesOf(String mode, int stages) {
        return modeTitle(mode) + ": " + (stages == 1 ? "1 stage" : stages + " stages");
    }

    static String tableLabel(String mode) {
        return "Stages of the mode " + modeTitle(mode);
    }

    static String written(String agent, int round) {
        return agent + ", round " + round;
    }

    static String against(String tested, String baseline) {
        return modeTitle(tested) + " against " + modeTitle(baseline).toLowerCase();
    }

    static String insteadOf(String tested, String baseline) {
        return "(" + tested + ", not " + baseline + ")";
    }

    static String timesAsMany(String times) {
        return times + " times as many";
    }

    static String timesFaster(String times) {
        return times + " times faster";
    }

    static String timesSlower(String times) {
        return times + " times slower";
    }

    static String bothAnswers(String tested, boolean testedRight, String baseline, boolean baselineRight) {
        if (testedRight == baselineRight) {
            return testedRight ? "Both answers are correct." : "Both answers are wrong.";
        }
        return modeTitle(tested) + (testedRight ? " is correct, " : " is wrong, ") + modeTitle(baseline).toLowerCase()
                + (baselineRight ? " is correct." : " is wrong.");
    }
}
