package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.measure.Benchmark;
import org.recursivemas.measure.BenchmarkCsv;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.measure.Comparison;
import org.recursivemas.measure.Conditions;
import org.recursivemas.measure.Curve;
import org.recursivemas.measure.Problem;
import org.recursivemas.measure.ProblemFile;
import org.recursivemas.measure.Replay;
import org.recursivemas.measure.ReportDiff;
import org.recursivemas.measure.ReportReader;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.measure.RunSummary.Column;
import org.recursivemas.measure.RunSummary.Marks;
import org.recursivemas.measure.Setting;
import org.recursivemas.measure.SharedSetup;
import org.recursivemas.measure.Tally;
import org.recursivemas.measure.Trial;
import org.recursivemas.measure.Wilson;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.toy.ToyTeam;

/** Statistics, benchmarks, shared links, replays. */
public final class MeasureFacts {
    private MeasureFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("wilsonIntervalsAreThePublishedOnes", MeasureFacts::wilsonIntervalsAreThePublishedOnes);
        facts.put("aSettingReadsItsOwnKey", MeasureFacts::aSettingReadsItsOwnKey);
        facts.put("aComparisonLeavesNothingOutAndRunsNothingTwice",
                MeasureFacts::aComparisonLeavesNothingOutAndRunsNothingTwice);
        facts.put("savingsAreMeasuredAgainstTheFirstWay", MeasureFacts::savingsAreMeasuredAgainstTheFirstWay);
        facts.put("aBenchmarkGoesOnWhereItStopped", MeasureFacts::aBenchmarkGoesOnWhereItStopped);
        facts.put("aBenchmarkReadsBack", MeasureFacts::aBenchmarkReadsBack);
        facts.put("aBenchmarkRefusesOtherModels", MeasureFacts::aBenchmarkRefusesOtherModels);
        facts.put("curvesHoldEveryFinishedSettingOnce", MeasureFacts::curvesHoldEveryFinishedSettingOnce);
        facts.put("csvIsQuotedAndHoldsNoFormula", MeasureFacts::csvIsQuotedAndHoldsNoFormula);
        facts.put("faultsOfATaskSetAreNamedWithTheirLine", MeasureFacts::faultsOfATaskSetAreNamedWithTheirLine);
        facts.put("aSharedLinkComesBackAsItWas", MeasureFacts::aSharedLinkComesBackAsItWas);
        facts.put("aBrokenLinkIsRefused", MeasureFacts::aBrokenLinkIsRefused);
        facts.put("aLinkThatIsTooLongIsRefused", MeasureFacts::aLinkThatIsTooLongIsRefused);
        facts.put("aReplayAsksForTheSameRuns", MeasureFacts::aReplayAsksForTheSameRuns);
        facts.put("everyDifferenceOfAReplayIsTold", MeasureFacts::everyDifferenceOfAReplayIsTold);
        facts.put("aReportThatDoesNotFitIsRefused", MeasureFacts::aReportThatDoesNotFitIsRefused);
        facts.put("theHistorySortsAndFilters", MeasureFacts::theHistorySortsAndFilters);
    }

    private static void near(double expected, double actual, String what) {
        Check.that(Math.abs(expected - actual) < 5e-4, what + ": expected " + expected + " but was " + actual);
    }

    /** Newcombe, Statistics in Medicine 17 (1998), table I, method 3. */
    static void wilsonIntervalsAreThePublishedOnes() {
        near(0.2553, Wilson.of(81, 263).low(), "81 of 263, low");
        near(0.3662, Wilson.of(81, 263).high(), "81 of 263, high");
        near(0.0624, Wilson.of(15, 148).low(), "15 of 148, low");
        near(0.1605, Wilson.of(15, 148).high(), "15 of 148, high");
        near(0, Wilson.of(0, 20).low(), "0 of 20, low");
        near(0.1611, Wilson.of(0, 20).high(), "0 of 20, high");
        near(0.0061, Wilson.of(1, 29).low(), "1 of 29, low");
        near(0.1718, Wilson.of(1, 29).high(), "1 of 29, high");
        Check.that(Wilson.of(20, 20).high() == 1, "all right");
        Check.fails(IllegalArgumentException.class, () -> Wilson.of(0, 0), "0 of 0");
        Check.fails(IllegalArgumentException.class, () -> Wilson.of(3, 2), "3 of 2");
    }

    static void aSettingReadsItsOwnKey() {
        for (Setting setting : List.of(Setting.latent(5, 80), Setting.text(3), Setting.single())) {
            Check.equal(setting, Setting.parse(setting.key()), setting.key());
        }
        for (String wrong : List.of("", "latent", "latent/2", "latent/6/0", "latent/1/81", "latent/x/1", "text/1/8",
                "single/2/0", "magic/1/0", "latent/1/1/1")) {
            Check.fails(IllegalArgumentException.class, () -> Setting.parse(wrong));
        }
    }

    static void aComparisonLeavesNothingOutAndRunsNothingTwice() {
        Check.equal(List.of(Setting.latent(2, 16), Setting.text(2), Setting.text(1), Setting.single(),
                Setting.latent(2, 0)), Comparison.settings(2, 16), "depth 2");
        Check.equal(List.of(Setting.latent(1, 0), Setting.text(1), Setting.single()), Comparison.settings(1, 0),
                "depth 1 without latent steps");
    }

    private static ModeReport mode(Setting setting, int tokens, int positions, double millis, String answer,
            Boolean correct) {
        ModeReport report = new ModeReport();
        report.mode = setting.mode();
        report.rounds = setting.rounds();
        report.latentSteps = setting.latentSteps();
        report.decodedTokens = tokens;
        report.positions = positions;
        report.millis = millis;
        report.answer = answer;
        report.text = "Answer: " + answer;
        report.correct = correct;
        report.finish = "stop";
        StageReport stage = new StageReport();
        stage.agent = "solver";
        stage.round = 1;
        stage.kind = "answer";
        stage.decodedTokens = tokens;
        stage.positions = positions;
        report.stages.add(stage);
        return report;
    }

    private static RunReport report(ModeReport... modes) {
        RunReport report = new RunReport();
        report.team = "chain";
        report.problem = "How many?";
        report.expected = "7";
        report.seed = 3;
        report.systems.put("planner", "I am planner");
        report.artifacts.put("team.json", "sha256:1");
        report.environment.put("gpu", "one");
        report.modes.addAll(List.of(modes));
        return report;
    }

    static void savingsAreMeasuredAgainstTheFirstWay() {
        List<Comparison.Row> rows = Comparison.rows(List.of(mode(Setting.latent(2, 16), 20, 300, 500, "7", true),
                mode(Setting.text(2), 80, 400, 2000, "7", true), mode(Setting.single(), 10, 100, 250, "3", false),
                mode(Setting.latent(2, 0), 20, 200, 0, "", false)));
        Check.that(Double.isNaN(rows.get(0).speedUp()) && Double.isNaN(rows.get(0).tokensSaved()), "the first itself");
        near(4, rows.get(1).speedUp(), "speed-up over text");
        near(0.75, rows.get(1).tokensSaved(), "tokens saved");
        near(0.25, rows.get(1).positionsSaved(), "positions saved");
        near(0.5, rows.get(2).speedUp(), "slower than the single agent");
        near(-1, rows.get(2).tokensSaved(), "twice the tokens");
        near(-2, rows.get(2).positionsSaved(), "three times the positions");
        Check.that(Double.isNaN(rows.get(3).speedUp()), "time not measured");
    }

    private static BenchmarkPlan plan() {
        return new BenchmarkPlan("b1", 1e12, "chain", "", "tasks.jsonl", List.of(new Problem("One, \"two\"?", "1"),
                new Problem("=2+2", "-5"), new Problem("Three\nlines?", "3")),
                BenchmarkPlan.settings(List.of(1, 2), List.of(0, 8), true, true, true),
                new Conditions(0.5, 9, 0.9, 3, 2, Map.of("solver", "Solve."), Map.of("planner", "noise")));
    }

    private static RunReport result(Setting setting, boolean right) {
        return report(mode(setting, 10 * setting.rounds(), 100, 1500, right ? "1" : "", right));
    }

    static void aBenchmarkGoesOnWhereItStopped() {
        Benchmark benchmark = new Benchmark(plan());
        Check.equal(21, benchmark.total(), "2 depths x (2 latent + 1 text) + 1 single, on 3 problems");
        List<String> order = new ArrayList<>();
        List<Trial> kept = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Benchmark.Work work = benchmark.next();
            order.add(work.problem() + " " + work.setting().key());
            kept.add(benchmark.add(work, result(work.setting(), i % 2 == 0)));
        }
        Check.equal("0 latent/1/0", order.get(0), "first");
        Check.equal("0 single/1/0", order.get(6), "last of the first problem");
        Check.equal("1 latent/1/8", order.get(8), "ninth");
        RunRequest request = benchmark.request(benchmark.next());
        Check.equal("=2+2", request.problem(), "problem of the next request");
        Check.equal("-5", request.expected(), "its answer");
        Check.equal(9, request.seed(), "seed");
        Check.equal(Map.of("solver", "Solve."), request.systems(), "changed prompts");
        request = benchmark.request(new Benchmark.Work(1, Setting.latent(1, 8)));
        Check.equal("0.9 3 2 {planner=noise}", request.topP() + " " + request.answers() + " " + request.retrieval() + " "
                + request.links(), "sampling, retrieval and swaps of a latent way");
        RunRequest alone = benchmark.request(new Benchmark.Work(1, Setting.single()));
        Check.equal("0.9 3 0 {}", alone.topP() + " " + alone.answers() + " " + alone.retrieval() + " " + alone.links(),
                "of the single agent");

        Benchmark resumed = new Benchmark(plan());
        kept.forEach(resumed::restore);
        Check.equal(9, resumed.done(), "what was finished is known again");
        Check.equal(benchmark.next(), resumed.next(), "and not run again");
        while (resumed.next() != null) {
            Benchmark.Work work = resumed.next();
            resumed.add(work, result(work.setting(), true));
        }
        Check.equal(21, resumed.done(), "in the end");
        Check.fails(IllegalArgumentException.class,
                () -> resumed.restore(new Trial(3, "single/1/0", true, "", "stop", 0, 0, 0)), "3/single/1/0");
        Tally tally = resumed.tally(Setting.single());
        Check.equal(3, tally.total(), "problems of the single agent");
        near(1.5, tally.seconds(), "mean seconds");
    }

    static void aBenchmarkReadsBack() {
        Benchmark benchmark = new Benchmark(plan());
        for (int i = 0; i < 5; i++) {
            Benchmark.Work work = benchmark.next();
            benchmark.add(work, result(work.setting(), i != 2));
        }
        Benchmark read = Benchmark.of(benchmark.toTree(), "b.json");
        Check.equal(benchmark.plan(), read.plan(), "plan");
        Check.equal(new ArrayList<>(benchmark.trials()), new ArrayList<>(read.trials()), "trials");
        Check.equal(benchmark.artifacts(), read.artifacts(), "files");
        Check.equal(0, Benchmark.of(benchmark.headTree(), "b.json").done(), "without trials");
        conditionsReadBackOrAreRefused(benchmark.headTree());
        Map<String, Object> tree = benchmark.toTree();
        tree.put("version", 2);
        Check.fails(FormatException.class, () -> Benchmark.of(tree, "b.json"), "b.json: version: is 2");
        tree.put("version", 1);
        tree.put("plan", "none");
        Check.fails(FormatException.class, () -> Benchmark.of(tree, "b.json"), "plan", "no", "object");
    }

    @SuppressWarnings("unchecked")
    private static void conditionsReadBackOrAreRefused(Map<String, Object> head) {
        Map<String, Object> plan = (Map<String, Object>) head.get("plan");
        for (Object[] wrong : new Object[][] {{"top_p", 1.5}, {"top_p", 0.0}, {"answers", 17.0}, {"retrieval", 9.0}}) {
            Object right = plan.put((String) wrong[0], wrong[1]);
            Check.fails(FormatException.class, () -> Benchmark.of(head, "b.json"), (String) wrong[0]);
            plan.put((String) wrong[0], right);
        }
        Object warm = plan.put("temperature", 0.0);
        Check.fails(FormatException.class, () -> Benchmark.of(head, "b.json"), "all 3 answers would be the same");
        plan.put("temperature", warm);
        for (String later : List.of("top_p", "answers", "retrieval", "links")) {
            plan.remove(later);
        }
        Check.equal(Conditions.plain(0.5, 9, Map.of("solver", "Solve.")), Benchmark.of(head, "b.json").plan().conditions(),
                "of a file that is older than they are");
    }

    static void aBenchmarkRefusesOtherModels() {
        Benchmark benchmark = new Benchmark(plan());
        benchmark.add(benchmark.next(), result(benchmark.next().setting(), true));
        RunReport other = result(benchmark.next().setting(), true);
        other.artifacts.put("app.js", "sha256:9");
        benchmark.add(benchmark.next(), other);
        other.artifacts.put("team.json", "sha256:2");
        Check.fails(IllegalStateException.class, () -> benchmark.add(benchmark.next(), other), "team.json", "new one");
        Check.equal(2, benchmark.done(), "trials");
        Check.fails(IllegalArgumentException.class, () -> BenchmarkPlan.steps("8, x"), "0 to 80");
        Check.fails(IllegalArgumentException.class, () -> BenchmarkPlan.steps("81"), "0 to 80");
        Check.equal(List.of(0, 16, 8), BenchmarkPlan.steps(" 0,16 , 8,16"), "steps");
    }

    static void curvesHoldEveryFinishedSettingOnce() {
        Benchmark benchmark = new Benchmark(plan());
        for (int i = 0; i < 7; i++) {
            benchmark.add(benchmark.next(), result(benchmark.next().setting(), true));
        }
        List<Curve> depth = Curve.of(benchmark, true);
        Check.equal(List.of(1, 2), Curve.axis(benchmark.plan(), true), "depths");
        Check.equal(List.of("latent 0", "latent 8", "text 0", "single 0"), names(depth), "lines over depths");
        Check.equal(Setting.latent(2, 8), depth.get(1).points().get(1).setting(), "a point");
        List<Curve> steps = Curve.of(benchmark, false);
        Check.equal(List.of(0, 8), Curve.axis(benchmark.plan(), false), "latent steps");
        Check.equal(List.of("latent 1", "latent 2", "text 1", "text 2", "single 0"), names(steps), "lines over steps");
        Check.that(steps.get(3).points().get(0) == steps.get(3).points().get(1), "text does not depend on m");
        Check.equal(List.of(), names(Curve.of(new Benchmark(plan()), true)), "nothing finished");
    }

    private static List<String> names(List<Curve> curves) {
        List<String> names = new ArrayList<>();
        curves.forEach(curve -> names.add(curve.mode() + " " + curve.fixed()));
        return names;
    }

    static void csvIsQuotedAndHoldsNoFormula() {
        Benchmark benchmark = new Benchmark(plan());
        for (int i = 0; i < 8; i++) {
            benchmark.add(benchmark.next(), result(benchmark.next().setting(), i == 0));
        }
        String[] lines = BenchmarkCsv.of(benchmark).split("\r\n", -1);
        Check.equal("problem,question,expected,way,depth,latent_steps,answer,correct,finish,decoded_tokens,positions,seconds,"
                + "temperature,top_p,seed,answers,retrieval,swapped_links",
                lines[0], "head");
        Check.equal("1,\"One, \"\"two\"\"?\",1,latent,1,0,1,true,stop,10,100,1.5,0.5,0.9,9,3,2,planner: noise", lines[1], "first");
        Check.equal("1,\"One, \"\"two\"\"?\",1,single,1,0,,false,stop,10,100,1.5,0.5,0.9,9,3,0,", lines[7],
                "the single agent");
        Check.equal("2,'=2+2,-5,latent,1,0,,false,stop,10,100,1.5,0.5,0.9,9,3,2,planner: noise", lines[8],
                "a formula is none, a number stays one");
        Check.equal(10, lines.length, "lines, the last one empty");
    }

    private static Object parse(String line) {
        if (!line.startsWith("{")) {
            throw new IllegalArgumentException("unexpected token");
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        for (String field : line.substring(1, line.length() - 1).split(",")) {
            String[] parts = field.split(":", -1);
            tree.put(parts[0], parts[1].equals("5") ? (Object) 5.0 : parts[1]);
        }
        return tree;
    }

    static void faultsOfATaskSetAreNamedWithTheirLine() {
        String good = "\uFEFF{question:one?,answer:1}\n\n{question:two?,answer:2,more:x}\r\n";
        Check.equal(List.of(new Problem("one?", "1"), new Problem("two?", "2")),
                ProblemFile.read(good, "my.jsonl", MeasureFacts::parse, 2), "problems");
        Check.equal(1, ProblemFile.read(good + "broken", "my.jsonl", MeasureFacts::parse, 1).size(), "only what is needed");
        fault(good, 3, "my.jsonl: holds 2 problems, not 3", "at most 2");
        fault("", 1, "holds no problems");
        fault("no", 1, "my.jsonl, line 1: is not JSON (unexpected token)");
        fault(good + "{question:x}", 3, "line 4: answer: is missing");
        fault("{question: ,answer:1}", 1, "line 1: question: is blank");
        fault("{question:5,answer:1}", 1, "line 1: question: is 5.0, not a text");
    }

    private static void fault(String text, int wanted, String... parts) {
        Check.fails(FormatException.class, () -> ProblemFile.read(text, "my.jsonl", MeasureFacts::parse, wanted), parts);
    }

    private static SharedSetup setup(String problem, Map<String, String> systems) {
        return new SharedSetup(problem, "4 & 5", 2, 80, 0.7, Integer.MAX_VALUE, List.of("latent", "single"), systems,
                Map.of("planner->critic", "noise"), 0.85, 5, 3, 0.995, "https://w.example/w/api.php");
    }

    static void aSharedLinkComesBackAsItWas() {
        Map<String, String> systems = new LinkedHashMap<>();
        systems.put("planner", "");
        systems.put("odd&id=%", "100% sure?\n<b>+</b> \u00e9 \u20ac \ud83d\ude00 # \"'");
        SharedSetup setup = setup("A=B & C; 50%+\t\u4f60\u597d", systems);
        String link = setup.write();
        for (int i = 1; i < link.length(); i++) {
            Check.that(link.charAt(i) > ' ' && link.charAt(i) < 0x7f && "#<>\"'".indexOf(link.charAt(i)) < 0,
                    "a link must not hold " + link.charAt(i));
        }
        Check.that(SharedSetup.isShared(link) && !SharedSetup.isShared("#run"), "recognised");
        Check.equal(setup, SharedSetup.read(link), "the same again");
        SharedSetup plain = new SharedSetup("Tom has 12 marbles?", null, 1, 0, 0, 0, List.of(), Map.of(), Map.of(), 0.95, 1,
                0, 0, null);
        Check.equal("#share=1&rounds=1&steps=0&temperature=0&seed=0&ways=&problem=Tom+has+12+marbles?", plain.write(),
                "compact");
        Check.equal(plain, SharedSetup.read(plain.write()), "without what may be missing");
    }

    private static void refused(String link, String... parts) {
        Check.fails(FormatException.class, () -> SharedSetup.read(link), parts);
    }

    static void aBrokenLinkIsRefused() {
        String good = setup("x", Map.of()).write();
        refused(good + "&extra=1", "extra: is not known");
        refused(good + "&seed=1", "seed: occurs twice");
        refused(good.replace("share=1", "share=2"), "share: is 2", "version 1");
        refused(good.replace("rounds=2", "rounds=6"), "rounds: is 6", "1 to 5");
        refused(good.replace("rounds=2", "rounds=2.0"), "rounds");
        refused(good.replace("steps=80", "steps=-1"), "steps");
        refused(good.replace("seed=2147483647", "seed=2147483648"), "seed");
        refused(good.replace("seed=2147483647", "seed="), "seed");
        refused(good.replace("temperature=0.7", "temperature=2.1"), "temperature");
        refused(good.replace("temperature=0.7", "temperature=1e0"), "temperature");
        refused(good.replace("top_p=0.85", "top_p=0"), "top_p: is 0", "0.001 to 1");
        refused(good.replace("top_p=0.85", "top_p=1.1"), "top_p");
        refused(good.replace("answers=5", "answers=17"), "answers: is 17", "1 to 16");
        refused(good.replace("retrieval=3", "retrieval=9"), "retrieval: is 9", "0 to 8");
        refused(good.replace("stop_early=0.995", "stop_early=0.4"), "stop_early: is 0.4", "0.5 to 1");
        refused(good.replace("search=https:", "search=ftp:"), "search");
        refused(good.replace("/w/api.php", ""), "search: is https://w.example", "api.php");
        refused(good.replace("latent,single", "latent,latent"), "ways");
        refused(good.replace("&problem=x", ""), "problem: is missing");
        refused(good.replace("&problem=x", "&problem"), "NAME=VALUE");
        refused(good + "&system.=x", "system.: is not known");
        for (String escape : List.of("%", "%4", "%GG", "%FF", "%C3", "%C3%28", "%E2%82", "%C0%80", "%E0%80%80",
                "%ED%A0%80", "%F4%90%80%80", "%80")) {
            refused(good.replace("problem=x", "problem=" + escape), "problem", "escape");
        }
    }

    static void aLinkThatIsTooLongIsRefused() {
        Check.fails(IllegalArgumentException.class, () -> setup("x".repeat(16_001), Map.of()).write(), "16000");
        refused("#share=1&problem=" + "x".repeat(16_000), "more than 16000");
    }

    static void aReplayAsksForTheSameRuns() {
        Team team = ToyTeam.chain();
        RunReport report = report(mode(Setting.latent(2, 16), 1, 1, 1, "7", true), mode(Setting.text(1), 1, 1, 1, "7", true),
                mode(Setting.latent(2, 0), 1, 1, 1, "7", true));
        report.systems.put("solver", "Another one");
        report.temperature = 0.4;
        report.links.put("planner", "zero");
        List<RunRequest> requests = Replay.requests(report, team);
        Check.equal(3, requests.size(), "one for each way");
        RunRequest last = requests.get(2);
        Check.equal("latent 2 0", last.modes().get(0) + " " + last.rounds() + " " + last.latentSteps(), "the last");
        Check.equal(Map.of("solver", "Another one"), last.systems(), "only what is not the team's own");
        Check.equal("7 3 0.4", last.expected() + " " + last.seed() + " " + last.temperature(), "the rest");
        Check.equal(Map.of("planner", "zero"), last.links(), "links");
        report.links.put("nobody->solver", "zero");
        Check.fails(IllegalArgumentException.class, () -> Replay.requests(report, team), "nobody->solver");
        report.links.remove("nobody->solver");
        report.systems.put("nobody", "x");
        Check.fails(IllegalArgumentException.class, () -> Replay.requests(report, team), "nobody");
        report.team = "other";
        Check.fails(IllegalArgumentException.class, () -> Replay.requests(report, team), "\"other\"", "\"chain\"");
        Check.fails(IllegalArgumentException.class, () -> Replay.requests(report(), team), "nothing to repeat");
    }

    static void everyDifferenceOfAReplayIsTold() {
        RunReport first = report(mode(Setting.latent(2, 16), 20, 300, 500, "7", true), mode(Setting.single(), 5, 50, 9, "7",
                true));
        RunReport second = report(mode(Setting.latent(2, 16), 20, 300, 999, "7", true), mode(Setting.single(), 5, 50, 1, "7",
                true));
        ReportDiff same = ReportDiff.of(first, second);
        Check.equal(List.of(), same.differences(), "times may differ");
        Check.that(same.compared() > 40, "fields compared: " + same.compared());
        second.modes.get(1).answer = "8";
        second.modes.get(0).stages.get(0).decodedTokens = 21;
        second.systems.put("planner", "changed");
        second.artifacts.put("team.json", "sha256:2");
        second.artifacts.put("new.wasm", "sha256:3");
        second.environment.put("gpu", "two");
        ReportDiff diff = ReportDiff.of(first, second);
        Check.equal(List.of(new ReportDiff.Difference("", "system message of planner", "I am planner", "changed"),
                new ReportDiff.Difference("latent/2/16", "stage 1 (solver, round 1): decoded tokens", "20", "21"),
                new ReportDiff.Difference("single/1/0", "answer", "7", "8")), diff.differences(), "differences");
        Check.equal(List.of("team.json", "new.wasm"), diff.changedArtifacts(), "files");
        Check.equal(List.of("gpu"), diff.changedEnvironment(), "device");
        second.modes.remove(1);
        Check.equal("number of ways", ReportDiff.of(first, second).differences().get(1).field(), "a way is missing");
    }

    private static Map<String, Object> reportTree() {
        Map<String, Object> mode = new LinkedHashMap<>(Map.of("mode", "latent", "rounds", 2.0, "latent_steps", 16.0,
                "text", "t", "answer", "7", "finish", "stop"));
        mode.putAll(Map.of("decoded_tokens", 3.0, "latent_steps_total", 32.0, "prompt_positions", 50.0, "positions", 85.0,
                "millis", 12.5, "link_millis", -1.0, "stages", new ArrayList<>()));
        Map<String, Object> tree = new LinkedHashMap<>(Map.of("format", RunReport.FORMAT, "version", 1.0, "team", "chain",
                "problem", "p", "temperature", 0.5, "seed", 3.0, "systems", Map.of(), "artifacts", Map.of("a", "b"),
                "environment", Map.of()));
        tree.put("expected", null);
        tree.put("modes", new ArrayList<>(List.of(mode)));
        return tree;
    }

    @SuppressWarnings("unchecked")
    private static void refusedReport(String field, Object value, String... parts) {
        Map<String, Object> tree = reportTree();
        Map<String, Object> mode = (Map<String, Object>) ((List<Object>) tree.get("modes")).get(0);
        (mode.containsKey(field) ? mode : tree).put(field, value);
        Check.fails(FormatException.class, () -> ReportReader.read(tree, "run.json"), parts);
    }

    static void aReportThatDoesNotFitIsRefused() {
        RunReport read = ReportReader.read(reportTree(), "run.json");
        Check.equal(12.5, read.modes.get(0).millis, "milliseconds");
        Check.equal(null, read.modes.get(0).correct, "mark");
        refusedReport("format", "other", "run.json: format");
        refusedReport("version", 2.0, "version: is 2");
        refusedReport("seed", 1.5, "seed: is 1.5");
        refusedReport("problem", null, "problem: is missing");
        refusedReport("systems", List.of(), "systems");
        refusedReport("rounds", 6.0, "modes[0].rounds: is 6");
        refusedReport("mode", "magic", "modes[0].mode", "magic");
        refusedReport("decoded_tokens", "3", "modes[0].decoded_tokens: is 3, not a number");
        refusedReport("stages", Map.of(), "modes[0].stages");
        Check.fails(FormatException.class, () -> ReportReader.read(List.of(), "run.json"), "JSON object");
    }

    static void theHistorySortsAndFilters() {
        List<RunSummary> lines = new ArrayList<>();
        RunReport right = report(mode(Setting.latent(2, 16), 20, 300, 500, "7", true));
        RunReport wrong = report(mode(Setting.text(2), 90, 200, 900, "8", false), mode(Setting.single(), 1, 1, 1, "7", true));
        RunReport unmarked = report(mode(Setting.single(), 5, 50, 100, "x", null));
        unmarked.problem = "Which colour? " + "z".repeat(300);
        lines.add(RunSummary.of("a", 1, RunSummary.RUN, right));
        lines.add(RunSummary.of("b", 2, RunSummary.COMPARE, wrong));
        lines.add(RunSummary.of("c", 3, RunSummary.REPLAY, unmarked));
        lines.forEach(line -> Check.equal(line, RunSummary.of(line.toTree(), "line"), "reads back"));
        Check.equal("cba", ids(lines, "", Marks.ALL, Column.CREATED, true), "latest first");
        Check.equal("abc", ids(lines, "", Marks.ALL, Column.CREATED, false), "oldest first");
        Check.equal("cab", ids(lines, "", Marks.ALL, Column.TOKENS, false), "tokens");
        Check.equal("bac", ids(lines, "", Marks.ALL, Column.SECONDS, true), "seconds");
        Check.equal("abc", ids(lines, "", Marks.ALL, Column.RIGHT, true), "share of right ones");
        Check.equal("bac", ids(lines, "", Marks.ALL, Column.PROBLEM, false), "of equal ones the latest first");
        Check.equal("c", ids(lines, " COLOUR which ", Marks.ALL, Column.KIND, false), "words in any order");
        Check.equal("", ids(lines, "colour text", Marks.ALL, Column.KIND, false), "all words");
        Check.equal("ba", ids(lines, "", Marks.RIGHT, Column.CREATED, true), "right");
        Check.equal("b", ids(lines, "", Marks.WRONG, Column.CREATED, true), "wrong");
        Check.equal("c", ids(lines, "", Marks.UNMARKED, Column.CREATED, true), "unmarked");
        Check.equal(201, lines.get(2).problem().length(), "a long problem is cut");
    }

    private static String ids(List<RunSummary> lines, String words, Marks marks, Column column, boolean descending) {
        StringBuilder ids = new StringBuilder();
        RunSummary.select(lines, words, marks, column, descending).forEach(line -> ids.append(line.id()));
        return ids.toString();
    }
}
