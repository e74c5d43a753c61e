package org.recursivemas.ui.measure;

import java.util.List;
import org.recursivemas.measure.Conditions;
import org.recursivemas.measure.Curve;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.measure.Setting;
import org.recursivemas.measure.Wilson;
import org.recursivemas.team.Mode;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.Words;

/** Every text of these views that does not come from the team, a run or a person. */
final class MeasureTexts {
    static final String BUSY = Words.of("Something is loading or running; wait for its end or stop it.");
    static final String STOP = Words.of("Stop");
    static final String DELETE = Words.of("Delete");
    static final String NONE = "\u2013";
    static final String YES = Words.of("\u2713 right");
    static final String NO = Words.of("\u2717 wrong");
    static final String UNMARKED = Words.of("not marked");
    static final String CLOSE = Words.of("Close");

    static final String COMPARE_TITLE = Words.of("Compare all ways");
    static final String COMPARE_HINT = Words.of("Runs the problem above in latent form, as recursive text, as text in "
            + "one round, by the single agent, and with no latent steps (m = 0), one after the other with the same "
            + "settings and seed.");
    static final String COMPARE = Words.of("Run all ways");
    static final String COMPARING = Words.of("All ways are being compared.");
    static final String COMPARED = Words.of("Compared. The runs are in the history.");
    static final String COMPARE_STOPPED = Words.of("Stopped. What had ended is in the history.");
    static final String NO_PROBLEM = Words.of("Type a problem first.");
    static final String LEFT_OUT = Words.of("The latent way is left out. ");
    static final String COMPARE_CAPTION = Words.of("All ways on the same problem. Speed-up and savings are those of the "
            + "first line against the others; below 1 or negative, it is slower or takes more.");
    static final String[] COMPARE_COLUMNS = {Words.of("Way"), Words.of("Answer"), Words.of("Marked"),
            Words.of("Decoded tokens"), Words.of("Positions"), Words.of("Seconds"),
        Words.of("Speed-up"), Words.of("Tokens saved"), Words.of("Positions saved")};
    static final String METER = Words.of("Decoded tokens are those of all agents. Positions count everything pushed "
            + "through a model: prompts, latent steps, decoded tokens. Seconds go from the first prompt to the last "
            + "token, links included.");

    static final String SHARE_TITLE = Words.of("Share this set-up");
    static final String SHARE_HINT = Words.of("A link that restores team, problem, settings and changed prompts. What it "
            + "says stays in the address: no server sees it.");
    static final String SHARE_LABEL = Words.of("Link");
    static final String SHARE = Words.of("Make a link");
    static final String COPY = Words.of("Copy");
    static final String COPIED = Words.of("Copied.");
    static final String COPY_FAILED = Words.of("The browser did not allow copying; the link is selected, copy it from "
            + "there.");
    static final String SHARED = Words.of("Problem, settings and prompts were taken from the link.");

    static final String HISTORY_TITLE = Words.of("History");
    static final String HISTORY_HINT = Words.of("Every run is kept in this browser until you delete it. Nothing of it is "
            + "sent anywhere.");
    static final String NOT_KEPT = Words.of("This browser keeps nothing here (no database, or a private window): what is "
            + "listed is gone when the page is closed. Export what you need.");
    static final String FILTER = Words.of("Find");
    static final String FILTER_HINT = Words.of("Words of problem, team, answer or way.");
    static final String MARKS = Words.of("Answers");
    static final String EXPORT_ALL = Words.of("Export all (JSON)");
    static final String IMPORT = Words.of("Import a report or an exported history");
    static final String DELETE_ALL = Words.of("Delete all");
    static final String DELETED = Words.of("Deleted.");
    static final String DELETED_ALL = Words.of("All runs were deleted.");
    static final String REPORT_MISSING = Words.of("The report of this run is no longer in the browser's storage. Delete "
            + "the run.");
    static final String OPEN = Words.of("Open");
    static final String MORE = Words.of("Show more");
    static final String NO_RUNS = Words.of("No runs yet. Run something, or import a report.");
    static final String NO_MATCH = Words.of("No run fits the filter.");
    static final String[] HISTORY_COLUMNS = {Words.of("When"), Words.of("Kind"), Words.of("Team"),
            Words.of("Problem"), Words.of("Right"), Words.of("Decoded tokens"), Words.of("Positions"),
        Words.of("Seconds")};
    static final String HISTORY_CAPTION = Words.of("Kept runs. The buttons in the head sort.");
    static final String ACTIONS = Words.of("What to do");
    static final String EXPORT = Words.of("Export report (JSON)");
    static final String REPLAY = Words.of("Replay and compare");
    static final String USE = Words.of("Use these settings");
    static final String TAKEN = Words.of("Problem, settings and prompts were taken over to the Run page.");
    static final String REPLAYING = Words.of("A run is being repeated.");
    static final String REPLAY_STOPPED = Words.of("The replay was stopped; nothing was compared.");
    static final String[] WAY_COLUMNS = {Words.of("Way"), Words.of("Answer"), Words.of("Marked"),
            Words.of("Decoded tokens"), Words.of("Positions"), Words.of("Seconds"), Words.of("Ended "
            + "by")};
    static final String WAYS_CAPTION = Words.of("The ways of this run");
    static final String[] DIFF_COLUMNS = {Words.of("Way"), Words.of("Field"), Words.of("Recorded"),
            Words.of("Repeated")};
    static final String DIFF_CAPTION = Words.of("Fields that differ");
    static final String OUTPUT = Words.of("What the last agent wrote");

    static final String BENCHMARK_TITLE = Words.of("Benchmark");
    static final String BENCHMARK_HINT = Words.of("Runs a set of problems over depths, latent steps and ways. It can be "
            + "stopped and resumed at any time, also after a reload: what is finished is kept.");
    static final String SOURCE = Words.of("Problems");
    static final String SOURCE_SITE = Words.of("Held-out problems of this site");
    static final String SOURCE_FILE = Words.of("Your own JSONL file");
    static final String FILE = Words.of("File with one {\"question\": \u2026, \"answer\": \u2026} per line");
    static final String COUNT = Words.of("How many");
    static final String DEPTHS = Words.of("Depths");
    static final String STEPS = Words.of("Latent steps");
    static final String STEPS_HINT = Words.of("Numbers from 0 to 80 with commas, such as 0, 8, 16, 32.");
    static final String WAYS = Words.of("Ways");
    static final String START = Words.of("Start a new benchmark");
    static final String RESUME = Words.of("Resume");
    static final String BENCHMARKING = Words.of("A benchmark is running.");
    static final String BENCHMARK_DONE = Words.of("The benchmark is complete.");
    static final String BENCHMARK_STOPPED = Words.of("Stopped. Resume goes on with the next problem.");
    static final String STOPPING = Words.of("Stopping\u2026");
    static final String NO_BENCHMARK = Words.of("No benchmark is open.");
    static final String NO_FILE = Words.of("Choose a file first.");
    static final String KEPT = Words.of("Kept benchmarks");
    static final String CSV = Words.of("Trials (CSV)");
    static final String JSON = Words.of("All (JSON)");
    static final String PAGE = Words.of("Report page (HTML)");
    static final String COST = Words.of("Cost shown");
    static final String RESULTS_CAPTION = Words.of("Results so far, with 95 % intervals (Wilson) and means per problem");
    static final String[] RESULT_COLUMNS = {Words.of("Way"), Words.of("Problems"), Words.of("Right"),
            Words.of("Accuracy, %"), Words.of("95 % interval, %"), Words.of("Decoded "
            + "tokens"),
        Words.of("Positions"), Words.of("Seconds"), Words.of("No answer")};
    static final String AXIS_DEPTH = Words.of("depth (rounds)");
    static final String AXIS_STEPS = Words.of("latent steps m");
    static final String ACCURACY = Words.of("accuracy, %");
    static final String CHART_TABLE = Words.of("The same as a table");
    static final List<String> COSTS = List.of(Words.of("decoded tokens per problem"),
            Words.of("positions per problem"), Words.of("seconds "
            + "per problem"));
    static final String REPORT_INTRO = Words.of("A benchmark run in the RecursiveMAS playground, in one browser on one "
            + "machine. Accuracy compares answers character by character; intervals are Wilson's at 95 %. Decoded tokens "
            + "are those of all agents; positions count everything pushed through a model.");

    private MeasureTexts() {
    }

    static String step(int number, int total) {
        return Words.of("Run {0} of {1}\u2026", number, total);
    }

    /** Where a benchmark's conditions come from. */
    static String takes(String conditions) {
        return Words.of("As set in the section Run: {0} Swapped links belong to latent runs only. Every "
                + "depth is run to its end, and searches ask the team's corpus.",
                conditions);
    }

    /** What holds for all runs, without prompts. */
    static String conditions(Conditions all) {
        StringBuilder text = new StringBuilder(Words.of("Temperature {0}, top-p {1}, seed {2}",
                Numbers.fixed(all.temperature(), 1), Numbers.fixed(all.topP(), 2), all.seed()));
        if (all.answers() > 1) {
            text.append(Words.of(", {0} answers each, the most frequent counts", all.answers()));
        }
        if (all.retrieval() > 0) {
            text.append(Words.of(", retrieval of {0}", all.retrieval()));
        }
        if (!all.systems().isEmpty()) {
            text.append(Words.of(", changed prompts: {0}", String.join(", ", all.systems().keySet())));
        }
        if (!all.links().isEmpty()) {
            text.append(Words.of(", swapped links: {0}", all.swaps()));
        }
        return text.append('.').toString();
    }

    /** An interval of shares, in percent. */
    static String interval(Wilson shares) {
        return Words.of("{0} to {1}", Numbers.fixed(100 * shares.low(), 1), Numbers.fixed(100 * shares.high(), 1));
    }

    /** A way with what it was set to. */
    static String way(Setting setting) {
        switch (setting.mode()) {
            case Mode.LATENT:
                return Words.of("Latent, depth {0}, m = {1}", setting.rounds(), setting.latentSteps());
            case Mode.TEXT:
                return setting.rounds() == 1 ? Words.of("Text, depth 1") : Words.of("Recursive text, depth {0}",
                setting.rounds());
            default:
                return Words.of("Single agent");
        }
    }

    /** A way of answering as such. */
    static String mode(String mode) {
        return mode.equals(Mode.LATENT) ? Words.of("Latent") : mode.equals(Mode.TEXT) ? Words.of("Text")
                : Words.of("Single agent");
    }

    static String way(String key) {
        return way(Setting.parse(key));
    }

    static String curve(Curve curve, boolean depth) {
        switch (curve.mode()) {
            case Mode.LATENT:
                return depth ? Words.of("latent, m = {0}", curve.fixed()) : Words.of("latent, depth {0}",
                curve.fixed());
            case Mode.TEXT:
                return depth ? Words.of("text") : Words.of("text, depth {0}", curve.fixed());
            default:
                return Words.of("single agent");
        }
    }

    static String kind(String kind) {
        switch (kind) {
            case RunSummary.COMPARE:
                return Words.of("comparison");
            case RunSummary.REPLAY:
                return Words.of("replay");
            case RunSummary.TOUR:
                return Words.of("tour");
            case RunSummary.IMPORT:
                return Words.of("imported");
            default:
                return Words.of("run");
        }
    }

    static String marks(RunSummary.Marks marks) {
        switch (marks) {
            case RIGHT:
                return Words.of("some right");
            case WRONG:
                return Words.of("some wrong");
            case UNMARKED:
                return UNMARKED;
            default:
                return Words.of("all");
        }
    }

    /** What the browser's database says, for people. */
    static String storageFailed(String name, String message) {
        if ("QuotaExceededError".equals(name)) {
            return Words.of("The browser's storage for this site is full, so this was not kept. Delete runs or "
                    + "benchmarks (export them first if you need them), or free disk space, then try again.");
        }
        return Words.of("The browser's storage failed ({0}: {1}). Export what you need; a private window or a setting of "
                + "the browser may be in the way.", name, message);
    }

    static String historyDamaged(String why) {
        return Words.of("A part of the history cannot be read: {0}", why);
    }

    static String exported(int count) {
        return count == 1 ? Words.of("1 run was exported.") : Words.of("{0} runs were exported.", count);
    }

    static String imported(int count) {
        return count == 1 ? Words.of("1 run was imported.") : Words.of("{0} runs were imported.", count);
    }

    static String deleteAllSure(int count) {
        return Words.of("Really delete {0} runs", count);
    }

    static String noRuns(String file) {
        return Words.of("{0}: runs: is no list. Take the file as this page exported it.", file);
    }

    static String notJson(String file, String why) {
        return Words.of("{0}: is not JSON ({1}). Give a report that this page exported.", file, why);
    }

    static String unreadable(String file, String why) {
        return Words.of("{0} could not be read: {1}.", file, why);
    }

    static String shown(int shown, int total) {
        return shown == total ? total + (total == 1 ? Words.of(" run") : Words.of(" runs"))
                : Words.of("{0} of {1} runs", shown, total);
    }

    static String otherTeam(String team) {
        return Words.of("This benchmark is of team \"{0}\", and another one is open. Open that team to go on.", team);
    }

    static String sameAgain(int fields) {
        return Words.of("The same again: all {0} compared fields are equal.", fields);
    }

    static String differs(int fields, int compared) {
        return Words.of("{0} of {1} compared fields differ.", fields, compared);
    }

    static String otherFiles(List<String> names) {
        return Words.of("Other files took part than when it was recorded: {0}.", String.join(", ", names));
    }

    static String otherDevice(List<String> names) {
        return Words.of("The device or browser is another one: {0}.", String.join(", ", names));
    }

    static String sortBy(String column) {
        return Words.of("Sort by {0}", column);
    }

    static String progress(int done, int total) {
        return Words.of("{0} of {1} runs finished", done, total);
    }

    static String runs(int count) {
        return count + (count == 1 ? Words.of(" run") : Words.of(" runs"));
    }

    static String benchmarkTitle(String team, String source, int problems) {
        return Words.of("{0}, {1}{2} of {3}", team, problems, problems == 1 ? Words.of(" problem")
                : Words.of(" problems"), source);
    }

    static String chart(String what, String axis) {
        return Words.of("{0} by {1}", what, axis);
    }

    static String chartsMissing(String why) {
        return Words.of("The charts could not be loaded ({0}); the tables hold the same numbers.", why);
    }
}
