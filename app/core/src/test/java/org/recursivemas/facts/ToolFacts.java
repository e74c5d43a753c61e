package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.data.ToolSpec;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.StopSwitch;
import org.recursivemas.json.FileChecks;
import org.recursivemas.measure.Replay;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tasks.OperationPlan;
import org.recursivemas.tasks.Prices;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;
import org.recursivemas.team.Mode;
import org.recursivemas.team.TeamListener;
import org.recursivemas.tools.Calculator;
import org.recursivemas.tools.CorpusSearch;
import org.recursivemas.tools.Tool;
import org.recursivemas.tools.ToolBox;
import org.recursivemas.tools.ToolException;
import org.recursivemas.tools.WikiAddress;
import org.recursivemas.tools.WikiSearch;
import org.recursivemas.toy.ToyTeam;

/** Tools, the texts that call them, and the problems made for them. */
public final class ToolFacts {
    /** A plan that is held out with every price. */
    private static final String HELD_OUT_PLAN = "94 -32 *2 *$";

    private ToolFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("sumsAreExact", ToolFacts::sumsAreExact);
        facts.put("whatIsNoSumIsSaidSo", ToolFacts::whatIsNoSumIsSaidSo);
        facts.put("searchFindsTheTextThatFitsBest", ToolFacts::searchFindsTheTextThatFitsBest);
        facts.put("addressesOfWikisAreRead", ToolFacts::addressesOfWikisAreRead);
        facts.put("aStopGivesAWaitingCallUpAndEndsTheText", ToolFacts::aStopGivesAWaitingCallUpAndEndsTheText);
        facts.put("wikiIsAskedOnceForPlainText", ToolFacts::wikiIsAskedOnceForPlainText);
        facts.put("wikiIsAskedOnlyWhenChosen", ToolFacts::wikiIsAskedOnlyWhenChosen);
        facts.put("firstCompleteCallCounts", ToolFacts::firstCompleteCallCounts);
        facts.put("resultIsCutAtItsLongestLength", ToolFacts::resultIsCutAtItsLongestLength);
        facts.put("textGoesOnBehindAResult", ToolFacts::textGoesOnBehindAResult);
        facts.put("latentTeamCallsToolsInItsLastTextOnly", ToolFacts::latentTeamCallsToolsInItsLastTextOnly);
        facts.put("toolThatFailsSaysWhy", ToolFacts::toolThatFailsSaysWhy);
        facts.put("fiveCallsAreTheMost", ToolFacts::fiveCallsAreTheMost);
        facts.put("everyAnswerHasItsOwnCalls", ToolFacts::everyAnswerHasItsOwnCalls);
        facts.put("tokenLimitHoldsForTheWholeText", ToolFacts::tokenLimitHoldsForTheWholeText);
        facts.put("resultWithAControlMarkerIsKeptOut", ToolFacts::resultWithAControlMarkerIsKeptOut);
        facts.put("toolsOfTheTeamMustBeLoaded", ToolFacts::toolsOfTheTeamMustBeLoaded);
        facts.put("everyFaultOfAToolIsNamed", ToolFacts::everyFaultOfAToolIsNamed);
        facts.put("everyFaultOfACorpusIsNamed", ToolFacts::everyFaultOfACorpusIsNamed);
        facts.put("planIsWorkedOutWithTools", ToolFacts::planIsWorkedOutWithTools);
        facts.put("problemsForToolsDoNotTellThePrice", ToolFacts::problemsForToolsDoNotTellThePrice);
        facts.put("heldOutPriceIsHeldOutWithEveryPrice", ToolFacts::heldOutPriceIsHeldOutWithEveryPrice);
    }

    static void sumsAreExact() {
        Calculator calc = new Calculator("calc");
        Check.equal("313", calc.run("((294+34)-3*5)"), "the usual order of operations");
        Check.equal("7", calc.run("1+2*3"), "product before sum");
        Check.equal("-9", calc.run(" 1 - 2 * (8 - 3) "), "blanks and parentheses");
        Check.equal("2", calc.run("10-5-3"), "from the left");
        Check.equal("7/2", calc.run("7/2"), "a fraction");
        Check.equal("1", calc.run("1/3+1/6+1/2"), "fractions are added exactly");
        Check.equal("3/10", calc.run("0.1+0.2"), "decimals are exact");
        Check.equal("6", calc.run("-2*-3"), "signs");
        Check.equal("9223372036854775807", calc.run("9223372036854775807"), "the largest value");
    }

    static void whatIsNoSumIsSaidSo() {
        Calculator calc = new Calculator("calc");
        Check.fails(ToolException.class, () -> calc.run(" "), "nothing");
        Check.fails(ToolException.class, () -> calc.run("1/0"), "division by zero");
        Check.fails(ToolException.class, () -> calc.run("2*(1-1/1)/(3-3)"), "division by zero");
        Check.fails(ToolException.class, () -> calc.run("(1+2"), "not closed");
        Check.fails(ToolException.class, () -> calc.run("1+2)"), "\")\" at character 4");
        Check.fails(ToolException.class, () -> calc.run("1+"), "too soon");
        Check.fails(ToolException.class, () -> calc.run("2 pens"), "\"p\" at character 3");
        Check.fails(ToolException.class, () -> calc.run("3.+1"), "after the point");
        Check.fails(ToolException.class, () -> calc.run("9223372036854775807*2"), "too large");
        Check.fails(ToolException.class, () -> calc.run("99999999999999999999"), "too large");
        Check.fails(ToolException.class, () -> calc.run("(".repeat(60) + "1"), "50 parentheses");
        Check.fails(ToolException.class, () -> calc.run("1+".repeat(150) + "1"), "200 characters");
    }

    static void searchFindsTheTextThatFitsBest() {
        CorpusSearch search = new CorpusSearch("search", Prices.corpus());
        for (String sentence : Prices.corpus()) {
            String things = sentence.substring("Each of the ".length(), sentence.indexOf(" costs"));
            Check.equal(sentence, search.run("price of " + things), "price of " + things);
        }
        CorpusSearch two = new CorpusSearch("s", List.of("The cat sat.", "A dog, a DOG and a cat!"));
        Check.equal("A dog, a DOG and a cat!", two.run("dog"), "case and punctuation");
        Check.equal("The cat sat.", two.run("cat"), "the shorter of two texts with the word");
        Check.fails(ToolException.class, () -> two.run("zebra"), "nothing found");
        Check.fails(IllegalArgumentException.class, () -> new CorpusSearch("s", List.of()), "empty");
    }

    static void addressesOfWikisAreRead() {
        Check.equal("https://en.wikipedia.org/w/api.php", WikiAddress.api(" wikipedia "), "the English one");
        Check.equal("https://zh-min-nan.wikipedia.org/w/api.php", WikiAddress.api("wikipedia-zh-min-nan"), "a language");
        Check.equal("http://localhost:81/api.php", WikiAddress.api("http://localhost:81/api.php"), "an address");
        Check.equal("https://wiki.example/w/api.php", WikiAddress.api("https://wiki.example/"), "a server");
        Check.equal("https://Wiki.example:1/w/api.php", WikiAddress.api("https://Wiki.example:1"), "a server and port");
        Check.equal("Wiki.example:1", WikiAddress.server("https://Wiki.example:1/w/api.php"), "its name");
        Check.equal("https://wiki.example:1", WikiAddress.origin("https://Wiki.example:1/w/api.php"), "its origin");
        for (String wrong : List.of("", "wiki.example", "wikipedia-", "wikipedia-d.evil", "wikipedia-DE", "ftp://a/api.php",
                "https://", "https:///api.php", "https://a/wiki", "https://a/api.php?x=1", "https://a@b/api.php", "https://a b")) {
            Check.fails(IllegalArgumentException.class, () -> WikiAddress.api(wrong), "wikipedia-de", "api.php");
        }
        RunRequest request = new RunRequest("q", null, 1, 1, 0, 0, List.of(Mode.TEXT), Map.of());
        Check.fails(IllegalArgumentException.class, () -> request.searching("https://a"), "search", "api.php");
    }

    static void wikiIsAskedOnceForPlainText() {
        List<String> asked = new ArrayList<>();
        List<WikiSearch.Page> pages = new ArrayList<>(List.of(new WikiSearch.Page("Pen", "A pen\n writes.\u0000 Always."),
                new WikiSearch.Page("Ink", "Ink is a liquid."), new WikiSearch.Page("Nib", ""), new WikiSearch.Page("No", "x")));
        WikiSearch search = new WikiSearch("find", "https://w/api.php", 44, (url, control) -> {
            asked.add(url);
            return pages;
        });
        Check.equal("Pen: A pen wri\nInk: Ink is a \nNib", search.run(" p\u00e9n &\n <ink> "), "three pages share 44 characters");
        Check.equal(List.of("https://w/api.php?action=query&format=json&formatversion=2&origin=*&generator=search&gsrlimit=3"
                + "&gsrsearch=p%C3%A9n+%26+%3Cink%3E&prop=extracts&exintro=1&explaintext=1&exlimit=3&exchars=44"), asked,
                "what was asked");
        Check.fails(ToolException.class, () -> search.run(" \n"), "nothing to search for");
        Check.fails(ToolException.class, () -> search.run("x".repeat(301)), "300 characters");
        Check.equal(1, asked.size(), "requests");
        pages.set(1, new WikiSearch.Page("Ink", null));
        Check.fails(ToolException.class, () -> search.run("x"), "w gives no extracts", "TextExtracts");
        pages.clear();
        Check.fails(ToolException.class, () -> search.run("x"), "nothing found");
    }

    static void aStopGivesAWaitingCallUpAndEndsTheText() {
        ToyTeam toy = toy("<find>pens</find>", "Answer: 4");
        StopSwitch stop = new StopSwitch();
        List<String> heard = new ArrayList<>();
        CorpusFile corpus = new CorpusFile();
        corpus.documents = List.of("pens cost 4");
        ToolBox box = ToolBox.of(toy.team.tools, path -> corpus, (url, control) -> {
            Runnable forget = control.whenCancelled(() -> heard.add("given up"));
            stop.stop();   // while it waits
            forget.run();
            throw new ToolException("given up");
        });
        RunRequest request = new RunRequest("2 plus 2?", "4", 1, 3, 0, 0, List.of(Mode.LATENT), Map.of());
        ModeReport report = toy.load(box).answer(Mode.LATENT, request.searching("https://w/w/api.php"), TeamListener.NONE, stop);
        Check.equal(List.of("given up"), heard, "what the waiting call heard");
        Check.equal("cancelled <find>pens</find><result>error: given up</result>", report.finish + " " + last(report).text,
                "how it ended");
        List<String> later = new ArrayList<>();
        stop.whenCancelled(() -> later.add("at once"));
        Check.equal(List.of("at once"), later, "one that comes too late");
    }

    static void wikiIsAskedOnlyWhenChosen() {
        List<String> asked = new ArrayList<>();
        ToyTeam toy = toy("<find>pens</find>", "<calc>2*2</calc>", "Answer: 4");
        CorpusFile corpus = new CorpusFile();
        corpus.documents = List.of("pens cost 4");
        ToolBox box = ToolBox.of(toy.team.tools, path -> corpus, (url, control) -> {
            asked.add(url);
            throw new ToolException("w did not answer");
        });
        RunRequest request = new RunRequest("2 plus 2?", "4", 1, 3, 0, 0, List.of(Mode.LATENT), Map.of());
        RunReport offline = new RunReport();
        toy.load(box).run(request, offline, TeamListener.NONE, RunControl.NEVER);
        Check.equal(0, asked.size(), "requests when nobody chose");
        Check.equal("find pens pens cost 4 false", call(offline.modes.get(0), 0), "found in the corpus");
        Check.equal("corpus.json", last(offline.modes.get(0)).toolCalls.get(0).source, "its source");
        Check.equal(null, offline.search, "search in the report");
        RunReport online = new RunReport();
        ToyTeam again = toy("<find>pens</find>", "<calc>2*2</calc>", "Answer: 4");
        again.load(box).run(request.searching("https://w/api.php"), online, TeamListener.NONE, RunControl.NEVER);
        Check.equal(1, asked.size(), "requests of one search");
        Check.equal("find pens error: w did not answer true", call(online.modes.get(0), 0), "an answer that did not come");
        Check.equal("https://w/api.php", last(online.modes.get(0)).toolCalls.get(0).source, "its source");
        Check.equal(null, last(online.modes.get(0)).toolCalls.get(1).source, "source of a calculator");
        Check.equal("https://w/api.php", online.search, "search in the report");
        Check.fails(IllegalArgumentException.class, () -> Replay.requests(online, toy.team), "https://w/api.php");
        Check.fails(IllegalArgumentException.class, () -> ToolBox.NONE.searching("https://w/api.php"), "no search tool");
        Check.fails(IllegalArgumentException.class, () -> ToolBox.of(toy.team.tools, path -> corpus, null)
                .searching("https://w/api.php"), "in a browser only");
    }

    static void firstCompleteCallCounts() {
        ToolBox box = box();
        Check.equal(true, box.firstCall("a <calc>1+1") == null, "an open call is no call");
        Check.equal(true, box.firstCall("</calc> 1 <result>2</result>") == null, "no call");
        ToolBox.Call call = box.firstCall("x<find> y </find><calc>1</calc>");
        Check.equal("find y 17", call.tool().name() + " " + call.input() + " " + call.end(), "the first of two");
    }

    static void resultIsCutAtItsLongestLength() {
        ToolBox box = ToolBox.of(4, new CorpusSearch("find", List.of("abcdefgh")), new CorpusSearch("face",
                List.of("one\uD83D\uDE00 two")));
        Check.equal("abcd", box.run(box.firstCall("<find>abcdefgh</find>"), RunControl.NEVER), "four characters");
        Check.equal("one", box.run(box.firstCall("<face>two</face>"), RunControl.NEVER), "no half character");
    }

    private static ToolBox box() {
        return ToolBox.of(40, new Calculator("calc"), new CorpusSearch("find", List.of("pens cost 4")));
    }

    private static ToyTeam toy(String... texts) {
        Team team = ToyTeam.chain();
        team.tools.add(spec("calc", "calculator", null));
        team.tools.add(spec("find", "search", "corpus.json"));
        team.agents.get(2).maxTokens = 200;
        ToyTeam toy = new ToyTeam(team);
        toy.models.get("planner").says("one");
        toy.models.get("critic").says("two");
        toy.models.get("solver").says(texts);
        return toy;
    }

    private static ToolSpec spec(String name, String kind, String corpus) {
        ToolSpec spec = new ToolSpec();
        spec.name = name;
        spec.kind = kind;
        spec.corpus = corpus;
        return spec;
    }

    private static ModeReport run(ToyTeam toy, ToolBox box, String mode, int rounds) {
        RunRequest request = new RunRequest("2 plus 2?", "12", rounds, 3, 0, 0, List.of(mode), Map.of());
        return toy.load(box).answer(mode, request, TeamListener.NONE, RunControl.NEVER);
    }

    private static StageReport last(ModeReport report) {
        return report.stages.get(report.stages.size() - 1);
    }

    static void textGoesOnBehindAResult() {
        ToyTeam toy = toy("<find>pens</find> never", "<calc>3*4</calc> never", "Answer: 12");
        List<String> heard = new ArrayList<>();
        TeamListener listener = new TeamListener() {
            @Override
            public void onText(String mode, String textSoFar, int decodedTokens) {
                heard.add(textSoFar);
            }
        };
        ModeReport report = toy.load(box()).answer(Mode.TEXT, new RunRequest("2 plus 2?", "12", 1, 0, 0, 0,
                List.of(Mode.TEXT), Map.of()), listener, RunControl.NEVER);
        String text = "<find>pens</find><result>pens cost 4</result><calc>3*4</calc><result>12</result>Answer: 12";
        Check.equal(text, report.text, "text");
        Check.equal("12", report.answer, "answer");
        Check.equal(true, report.correct, "correct");
        Check.equal("stop", report.finish, "finish");
        Check.equal(text, heard.get(heard.size() - 1), "what was heard last");
        Check.equal(2, last(report).toolCalls.size(), "calls");
        Check.equal("find pens pens cost 4 false", call(report, 0), "first call");
        Check.equal("calc 3*4 12 false", call(report, 1), "second call");
        int first = "<find>pens</find>".length();
        int second = "<calc>3*4</calc>".length();
        Check.equal(first + second + "Answer: 12".length() + 1, last(report).decodedTokens, "decoded tokens");
        List<String> prompts = new ArrayList<>();
        toy.log.promptsOf("solver").forEach(prompt -> prompts.add(prompt.text()));
        String head = "<|start|>I am solver<|middle|>u:Given two solve 2 plus 2?<|middle|>r:";
        String found = head + "|<find>pens</find>|<result>pens cost 4</result>";
        Check.equal(List.of(head, found, found + "|<calc>3*4</calc>|<result>12</result>"), prompts,
                "sequences, in pieces that are tokenized each on its own");
        int positions = 0;
        for (int part = 0; part < prompts.size(); part++) {   // each control marker is one token; bars are no text
            positions += prompts.get(part).length() - 2 * ("<|middle|>".length() - 1) - ("<|start|>".length() - 1) - 2 * part;
        }
        Check.equal(positions, last(report).promptPositions, "prompt positions of all three parts");
        Check.equal(positions + last(report).decodedTokens - 3, last(report).positions, "positions");
    }

    private static String call(ModeReport report, int i) {
        return last(report).toolCalls.get(i).tool + " " + last(report).toolCalls.get(i).input + " "
                + last(report).toolCalls.get(i).result + " " + last(report).toolCalls.get(i).failed;
    }

    static void latentTeamCallsToolsInItsLastTextOnly() {
        ToyTeam toy = toy("<calc>3*4</calc>", "Answer: 12");
        ModeReport report = run(toy, box(), Mode.LATENT, 2);
        Check.equal("<calc>3*4</calc><result>12</result>Answer: 12", report.text, "text");
        Check.equal("12", report.answer, "answer");
        for (StageReport stage : report.stages.subList(0, report.stages.size() - 1)) {
            Check.equal(0, stage.toolCalls.size(), "calls of " + stage.agent + " in round " + stage.round);
        }
        ModeReport text = run(toy("<calc>1</calc>", "<calc>3*4</calc>", "Answer: 12"), box(), Mode.TEXT, 2);
        Check.equal("<calc>1</calc>", text.stages.get(2).text, "what the solver of round 1 wrote");
        Check.equal(0, text.stages.get(2).toolCalls.size(), "calls in round 1");
        Check.equal(1, last(text).toolCalls.size(), "calls in round 2");
    }

    static void toolThatFailsSaysWhy() {
        ModeReport report = run(toy("<calc>1/0</calc>", "Answer: 0"), box(), Mode.TEXT, 1);
        Check.equal("<calc>1/0</calc><result>error: division by zero</result>Answer: 0", report.text, "text");
        Check.equal("calc 1/0 error: division by zero true", call(report, 0), "call");
    }

    static void fiveCallsAreTheMost() {
        ModeReport report = run(toy("<calc>1</calc>"), box(), Mode.TEXT, 1);
        Check.equal(ToolBox.MOST_CALLS, last(report).toolCalls.size(), "calls");
        Check.equal("length", report.finish, "finish");
        Check.equal("", report.answer, "answer");
        Check.equal("<calc>1</calc><result>1</result>".repeat(5) + "<calc>1</calc>", report.text, "text");
    }

    static void everyAnswerHasItsOwnCalls() {
        String[] texts = {"<calc>1</calc>", "<calc>1</calc>", "<calc>1</calc>", "<calc>1</calc>", "<calc>1</calc>", "Answer: 1",
            "<calc>3*4</calc>", "Answer: 12", "<calc>6+6</calc>", "Answer: 12"};
        RunRequest request = new RunRequest("2 plus 2?", "12", 1, 3, 0.7, 100, List.of(Mode.LATENT), Map.of())
                .sampling(0.9, 3);
        ModeReport report = toy(texts).load(box()).answer(Mode.LATENT, request, TeamListener.NONE, RunControl.NEVER);
        List<Integer> calls = new ArrayList<>();
        report.answers.forEach(answer -> calls.add(answer.toolCalls.size()));
        Check.equal(List.of(5, 1, 1), calls, "calls of each answer");
        Check.equal("12", report.answer, "the most frequent answer");
        Check.equal("<calc>3*4</calc><result>12</result>Answer: 12", report.text, "its text");
        Check.equal(1, last(report).toolCalls.size(), "calls of the chosen text");
        Check.equal("calc 3*4 12 false", call(report, 0), "its call");
    }

    static void tokenLimitHoldsForTheWholeText() {
        ToyTeam toy = toy("<calc>3*4</calc>", "Answer: 12");
        toy.team.agents.get(2).maxTokens = "<calc>3*4</calc><result>12</result>Ans".length();
        ModeReport report = run(toy, box(), Mode.TEXT, 1);
        Check.equal("<calc>3*4</calc><result>12</result>Ans", report.text, "text");
        Check.equal("length", report.finish, "finish");
        ToyTeam tight = toy("<calc>3*4</calc>", "Answer: 12");
        tight.team.agents.get(2).maxTokens = "<calc>3*4</calc><result>12".length();
        Check.equal("<calc>3*4</calc><result>12</result>", run(tight, box(), Mode.TEXT, 1).text, "no room left");
    }

    static void resultWithAControlMarkerIsKeptOut() {
        Tool spy = new Tool() {
            @Override
            public String name() {
                return "calc";
            }

            @Override
            public String run(String input) {
                return input.equals("1") ? "<|end|>" : "x</result>y";
            }
        };
        ToolBox box = ToolBox.of(40, spy, new CorpusSearch("find", List.of("x")));
        ModeReport report = run(toy("<calc>1</calc>", "<calc>2</calc>", "Answer: 1"), box, Mode.TEXT, 1);
        Check.equal("<calc>1</calc><result>error: the result holds a control marker</result><calc>2</calc>"
                + "<result>error: the result holds the tag that would end it</result>Answer: 1", report.text, "text");
    }

    static void toolsOfTheTeamMustBeLoaded() {
        Check.fails(EngineException.class, () -> toy("x").load(), "[calc, find]", "[] were loaded");
        Check.fails(EngineException.class, () -> new ToyTeam(ToyTeam.chain()).load(box()), "tools [] but [calc, find]");
    }

    private static void fault(Consumer<Team> change, String... parts) {
        ToyTeam toy = toy("x");
        change.accept(toy.team);
        Check.fails(FormatException.class, () -> FileChecks.team(toy.team, "t"), parts);
    }

    static void everyFaultOfAToolIsNamed() {
        fault(t -> t.tools.set(0, null), "tools[0]: is null");
        fault(t -> t.tools.get(0).name = null, "tools[0].name: is missing");
        fault(t -> t.tools.get(0).name = "Calc", "tools[0].name: is \"Calc\"", "small letter");
        fault(t -> t.tools.get(0).name = "a>b", "tools[0].name");
        fault(t -> t.tools.get(1).name = "result", "tools[1].name", "for results");
        fault(t -> t.tools.get(1).name = "calc", "tools[1].name: \"calc\" occurs twice");
        fault(t -> t.tools.get(1).kind = "shell", "tools[1].kind: is \"shell\"", "\"calculator\" or \"search\"");
        fault(t -> t.tools.get(1).corpus = null, "tools[1].corpus: is missing");
        fault(t -> t.tools.get(0).corpus = "c.json", "tools[0].corpus: is set on a calculator");
        fault(t -> t.tools.get(0).resultChars = 2001, "tools[0].result_chars: is 2001", "1 to 2000");
        fault(t -> t.tools.get(0).resultChars = -1, "tools[0].result_chars: is -1");
    }

    static void everyFaultOfACorpusIsNamed() {
        CorpusFile corpus = new CorpusFile();
        Check.fails(FormatException.class, () -> FileChecks.corpus(null, "c"), "c: ", "JSON object");
        Check.fails(FormatException.class, () -> FileChecks.corpus(corpus, "c"), "c: format: is missing",
                "recursivemas.corpus");
        corpus.format = CorpusFile.FORMAT;
        corpus.version = CorpusFile.VERSION;
        Check.fails(FormatException.class, () -> FileChecks.corpus(corpus, "c"), "documents: is empty");
        corpus.documents.add("one");
        corpus.documents.add(" ");
        Check.fails(FormatException.class, () -> FileChecks.corpus(corpus, "c"), "documents[1]: is empty");
        corpus.documents.remove(1);
        Check.equal(corpus, FileChecks.corpus(corpus, "c"), "a sound corpus");
    }

    static void planIsWorkedOutWithTools() {
        OperationPlan two = OperationPlan.parse("98 *3 ; @ +34 -3*5");
        Check.equal("98*3=294; 294+34=328, 328-3*5=313. Answer: 313", two.solution(), "without tools");
        Check.equal("<calc>(98*3)</calc><result>294</result><calc>((294+34)-3*5)</calc><result>313</result>Answer: 313",
                two.toolSolution(null, null), "with tools");
        Check.equal("<calc>((53+37)*3)</calc><result>270</result>Answer: 270",
                OperationPlan.parse("53 +37 *3").toolSolution(null, null), "from the left");
        Check.equal("<calc>(9+5)</calc><result>14</result>Answer: 14",
                OperationPlan.parse("5 ; 9 +@").toolSolution(null, null), "a segment that is only a number");
        OperationPlan price = OperationPlan.parse("98 *3 *$", 3);
        Check.equal("<search>price of pens</search><result>found</result><calc>((98*3)*3)</calc><result>882</result>"
                + "Answer: 882", price.toolSolution("price of pens", "found"), "a price that is not told");
        Check.equal("98 *3 *$", price.text(), "the plan's text");
        Check.equal(true, price.needsPrice(), "needs a price");
        Check.fails(IllegalArgumentException.class, () -> OperationPlan.parse("98 *$"), "needs a price");
        Check.fails(IllegalArgumentException.class, () -> OperationPlan.parse("98 *$ +2", 4), "\"$\"");
    }

    static void problemsForToolsDoNotTellThePrice() {
        StoryProblemGenerator generator = StoryProblemGenerator.forTools(7, TaskSplit.TRAINING, 20);
        ToolBox box = ToolBox.of(200, new Calculator("calc"), new CorpusSearch("search", Prices.corpus()));
        for (int i = 0; i < 200; i++) {
            StoryProblem problem = generator.next();
            Check.equal(true, problem.plan().needsPrice(), "plan " + problem.plan().text());
            Check.equal(false, problem.question().contains("costs"), "price told in " + problem.question());
            Check.equal(true, problem.question().contains(problem.things() + " worth now?"), problem.question());
            String text = problem.toolSolution(problem.plan());
            ToolBox.Call search = box.firstCall(text);
            Check.equal(true, text.startsWith(ToolBox.tagged(box.run(search, RunControl.NEVER)), search.end()), "search in " + text);
            String rest = text.substring(search.end());
            for (ToolBox.Call calc = box.firstCall(rest); calc != null; calc = box.firstCall(rest)) {
                rest = rest.substring(calc.end());
                Check.equal(true, rest.startsWith(ToolBox.tagged(box.run(calc, RunControl.NEVER))), "result in " + text);
            }
            Check.equal(true, text.endsWith("</result>Answer: " + problem.answer()), text);
        }
    }

    static void heldOutPriceIsHeldOutWithEveryPrice() {
        for (int start = 2; start < 150; start++) {
            for (int more = 1; more < 40; more++) {
                String open = start + " +" + more + " *";
                int held = 0;
                for (int price = 2; price <= 5; price++) {
                    held += TaskSplit.of(OperationPlan.parse(open + price)) == TaskSplit.HELD_OUT ? 1 : 0;
                }
                TaskSplit side = TaskSplit.of(OperationPlan.parse(open + "$", 2));
                Check.equal(held == 4 ? TaskSplit.HELD_OUT : TaskSplit.TRAINING, side, open + "$");
            }
        }
        Check.equal(TaskSplit.HELD_OUT, TaskSplit.of(OperationPlan.parse(HELD_OUT_PLAN, 2)), HELD_OUT_PLAN);
    }
}
