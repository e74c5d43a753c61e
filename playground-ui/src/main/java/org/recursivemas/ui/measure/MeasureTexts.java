package org.recursivemas.ui.measure;

import java.util.List;
import org.recursivemas.measure.Curve;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.measure.Setting;
import org.recursivemas.team.Mode;

/** Every text of these views that does not come from the team, a run or a person. */
final class MeasureTexts {
    static final String BUSY = "Something is loading or running; wait for its end or stop it.";
    static final String STOP = "Stop";
    static final String DELETE = "Delete";
    static final String NONE = "\u2013";
    static final String YES = "\u2713 right";
    static final String NO = "\u2717 wrong";
    static final String UNMARKED = "not marked";
    static final String CLOSE = "Close";

    static final String COMPARE_TITLE = "Compare all ways";
    static final String COMPARE_HINT = "Runs the problem above in latent form, as recursive text, as text in one round, by the "
            + "single agent, and with no latent steps (m = 0), one after the other with the same settings and seed.";
    static final String COMPARE = "Run all ways";
    static final String COMPARING = "All ways are being compared.";
    static final String COMPARED = "Compared. The runs are in the history.";
    static final String COMPARE_STOPPED = "Stopped. What had ended is in the history.";
    static final String NO_PROBLEM = "Type a problem first.";
    static final String LEFT_OUT = "The latent way is left out. ";
    static final String COMPARE_CAPTION = "All ways on the same problem. Speed-up and savings are those of the first line "
            + "against the others; below 1 or negative, it is slower or takes more.";
    static final String[] COMPARE_COLUMNS = {"Way", "Answer", "Marked", "Decoded tokens", "Positions", "Seconds",
        "Speed-up", "Tokens saved", "Positions saved"};
    static final String METER = "Decoded tokens are those of all agents. Positions count everything pushed through a model: "
            + "prompts, latent steps, decoded tokens. Seconds go from the first prompt to the last token, links included.";

    static final String SHARE_TITLE = "Share this set-up";
    static final String SHARE_HINT = "A link that restores team, problem, settings and changed prompts. What it says stays in "
            + "the address: no server sees it.";
    static final String SHARE_LABEL = "Link";
    static final String SHARE = "Make a link";
    static final String COPY = "Copy";
    static final String COPIED = "Copied.";
    static final String COPY_FAILED = "The browser did not allow copying; the link is selected, copy it from there.";
    static final String SHARED = "Problem, settings and prompts were taken from the link.";

    static final String HISTORY_TITLE = "History";
    static final String HISTORY_HINT = "Every run is kept in this browser until you delete it. Nothing of it is sent anywhere.";
    static final String NOT_KEPT = "This browser keeps nothing here (no database, or a private window): what is listed is gone "
            + "when the page is closed. Export what you need.";
    static final String FILTER = "Find";
    static final String FILTER_HINT = "Words of problem, team, answer or way.";
    static final String MARKS = "Answers";
    static final String EXPORT_ALL = "Export all (JSON)";
    static final String IMPORT = "Import a report or an exported history";
    static final String DELETE_ALL = "Delete all";
    static final String DELETED = "Deleted.";
    static final String DELETED_ALL = "All runs were deleted.";
    static final String REPORT_MISSING = "The report of this run is no longer in the browser's storage. Delete the run.";
    static final String OPEN = "Open";
    static final String MORE = "Show more";
    static final String NO_RUNS = "No runs yet. Run something, or import a report.";
    static final String NO_MATCH = "No run fits the filter.";
    static final String[] HISTORY_COLUMNS = {"When", "Kind", "Team", "Problem", "Right", "Decoded tokens", "Positions",
        "Seconds"};
    static final String HISTORY_CAPTION = "Kept runs. The buttons in the head sort.";
    static final String ACTIONS = "What to do";
    static final String EXPORT = "Export report (JSON)";
    static final String REPLAY = "Replay and compare";
    static final String USE = "Use these settings";
    static final String TAKEN = "Problem, settings and prompts were taken over to the Run page.";
    static final String REPLAYING = "A run is being repeated.";
    static final String REPLAY_STOPPED = "The replay was stopped; nothing was compared.";
    static final String[] WAY_COLUMNS = {"Way", "Answer", "Marked", "Decoded tokens", "Positions", "Seconds", "Ended by"};
    static final String WAYS_CAPTION = "The ways of this run";
    static final String[] DIFF_COLUMNS = {"Way", "Field", "Recorded", "Repeated"};
    static final String DIFF_CAPTION = "Fields that differ";
    static final String OUTPUT = "What the last agent wrote";

    static final String BENCHMARK_TITLE = "Benchmark";
    static final String BENCHMARK_HINT = "Runs a set of problems over depths, latent steps and ways. It can be stopped and "
            + "resumed at any time, also after a reload: what is finished is kept.";
    static final String SOURCE = "Problems";
    static final String SOURCE_SITE = "Held-out problems of this site";
    static final String SOURCE_FILE = "Your own JSONL file";
    static final String FILE = "File with one {\"question\": \u2026, \"answer\": \u2026} per line";
    static final String COUNT = "How many";
    static final String DEPTHS = "Depths";
    static final String STEPS = "Latent steps";
    static final String STEPS_HINT = "Numbers from 0 to 80 with commas, such as 0, 8, 16, 32.";
    static final String WAYS = "Ways";
    static final String START = "Start a new benchmark";
    static final String RESUME = "Resume";
    static final String BENCHMARKING = "A benchmark is running.";
    static final String BENCHMARK_DONE = "The benchmark is complete.";
    static final String BENCHMARK_STOPPED = "Stopped. Resume goes on with the next problem.";
    static final String STOPPING = "Stopping\u2026";
    static final String NO_BENCHMARK = "No benchmark is open.";
    static final String NO_FILE = "Choose a file first.";
    static final String KEPT = "Kept benchmarks";
    static final String CSV = "Trials (CSV)";
    static final String JSON = "All (JSON)";
    static final String PAGE = "Report page (HTML)";
    static final String COST = "Cost shown";
    static final String RESULTS_CAPTION = "Results so far, with 95 % intervals (Wilson) and means per problem";
    static final String[] RESULT_COLUMNS = {"Way", "Problems", "Right", "Accuracy, %", "95 % interval, %", "Decoded tokens",
        "Positions", "Seconds", "No answer"};
    static final String AXIS_DEPTH = "depth (rounds)";
    static final String AXIS_STEPS = "latent steps m";
    static final String ACCURACY = "accuracy, %";
    static final String CHART_TABLE = "The same as a table";
    static final List<String> COSTS = List.of("decoded tokens per problem", "positions per problem", "seconds per problem");
    static final String REPORT_INTRO = "A benchmark run in the RecursiveMAS playground, in one browser on one machine. Accuracy "
            + "compares answers character by character; intervals are Wilson's at 95 %. Decoded tokens are those of all agents; "
            + "positions count everything pushed through a model.";

    private MeasureTexts() {
    }

    static String step(int number, int total) {
        return "Run " + number + " of " + total + "\u2026";
    }

    /** A way with what it was set to. */
    static String way(Setting setting) {
        switch (setting.mode()) {
            case Mode.LATENT:
                return "Latent, depth " + setting.rounds() + ", m = " + setting.latentSteps();
            case Mode.TEXT:
                return setting.rounds() == 1 ? "Text, depth 1" : "Recursive text, depth " + setting.rounds();
            default:
                return "Single agent";
        }
    }

    /** A way of answering as such. */
    static String mode(String mode) {
        return mode.equals(Mode.LATENT) ? "Latent" : mode.equals(Mode.TEXT) ? "Text" : "Single agent";
    }

    static String way(String key) {
        return way(Setting.parse(key));
    }

    static String curve(Curve curve, boolean depth) {
        switch (curve.mode()) {
            case Mode.LATENT:
                return depth ? "latent, m = " + curve.fixed() : "latent, depth " + curve.fixed();
            case Mode.TEXT:
                return depth ? "text" : "text, depth " + curve.fixed();
            default:
                return "single agent";
        }
    }

    static String kind(String kind) {
        switch (kind) {
            case RunSummary.COMPARE:
                return "comparison";
            case RunSummary.REPLAY:
                return "replay";
            case RunSummary.IMPORT:
                return "imported";
            default:
                return "run";
        }
    }

    static String marks(RunSummary.Marks marks) {
        switch (marks) {
            case RIGHT:
                return "some right";
            case WRONG:
                return "some wrong";
            case UNMARKED:
                return UNMARKED;
            default:
                return "all";
        }
    }

    /** What the browser's database says, for people. */
    static String storageFailed(String name, String message) {
        if ("QuotaExceededError".equals(name)) {
            return "The browser's storage for this site is full, so this was not kept. Delete runs or benchmarks (export them "
                    + "first if you need them), or free disk space, then try again.";
        }
        return "The browser's storage failed (" + name + ": " + message + "). Export what you need; a private window or a "
                + "setting of the browser may be in the way.";
    }

    static String historyDamaged(String why) {
        return "A part of the history cannot be read: " + why;
    }

    static String exported(int count) {
        return count == 1 ? "1 run was exported." : count + " runs were exported.";
    }

    static String imported(int count) {
        return count == 1 ? "1 run was imported." : count + " runs were imported.";
    }

    static String deleteAllSure(int count) {
        return "Really delete " + count + " runs";
    }

    static String noRuns(String file) {
        return file + ": runs: is no list. Take the file as this page exported it.";
    }

    static String notJson(String file, String why) {
        return file + ": is not JSON (" + why + "). Give a report that this page exported.";
    }

    static String unreadable(String file, String why) {
        return file + " could not be read: " + why + ".";
    }

    static String shown(int shown, int total) {
        return shown == total ? total + (total == 1 ? " run" : " runs") : shown + " of " + total + " runs";
    }

    static String otherTeam(String team) {
        return "This benchmark is of team \"" + team + "\", and another one is open. Open that team to go on.";
    }

    static String sameAgain(int fields) {
        return "The same again: all " + fields + " compared fields are equal.";
    }

    static String differs(int fields, int compared) {
        return fields + " of " + compared + " compared fields differ.";
    }

    static String otherFiles(List<String> names) {
        return "Other files took part than when it was recorded: " + String.join(", ", names) + ".";
    }

    static String otherDevice(List<String> names) {
        return "The device or browser is another one: " + String.join(", ", names) + ".";
    }

    static String sortBy(String column) {
        return "Sort by " + column;
    }

    static String progress(int done, int total) {
        return done + " of " + total + " runs finished";
    }

    static String runs(int count) {
        return count + (count == 1 ? " run" : " runs");
    }

    static String benchmarkTitle(String team, String source, int problems) {
        return team + ", " + problems + (problems == 1 ? " problem" : " problems") + " of " + source;
    }

    static String chart(String what, String axis) {
        return what + " by " + axis;
    }

    static String chartsMissing(String why) {
        return "The charts could not be loaded (" + why + "); the tables hold the same numbers.";
    }
}
