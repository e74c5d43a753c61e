package org.recursivemas.ui;

import java.util.List;
import org.recursivemas.ui.retrieval.RetrievalTexts;

/** What every control of the page does, in more words than stand beside it. */
public final class HelpTexts {
    static final String HELP = Words.of("Help: ");
    /** Topic of the agents' prompts, which are built with the team. */
    static final String ROLES = "roles-title";
    /** Topic of the choices for links, which are built with the team. */
    public static final String LINKS = "inside-title";

    /**
     * An explanation.
     *
     * @param anchor id of the control, its section's heading or its row's last button, beside which it stands
     * @param about what is explained, for screen readers
     * @param controls ids of what is explained
     */
    record Topic(String anchor, String about, String text, List<String> controls) {
    }

    static final List<Topic> TOPICS = List.of(
            topic("problem-title", Words.of("Problem"),
                Words.of("What all agents are asked. Every agent sees it in every round. "
                    + "Type one, take one of the team's examples, or have a new one made: only of a made one does the "
                    + "page know the answer, and then marks what the agents say. Control and Enter run it. The agents "
                    + "know the kind of problem that the examples show."), "problem-box", "examples", "new-problem"),
            topic("rounds", Words.of("Depth"),
                Words.of("How often the whole team goes round. From round 2 on the first agent "
                    + "finds the last agent's message of the round before in its prompt. Only the last round is written "
                    + "out. More rounds cost more positions, and no more written tokens in latent form.")),
            topic("stop-early", Words.of("Stop early"),
                Words.of("From round 2 on the messages that reach the last agent are "
                    + "compared with those of the round before, by the mean cosine of their rows. When it is at least "
                    + "the value that you choose, another round would hardly tell the last agent anything else, so this "
                    + "one writes the answer now. One number a round is read from the GPU for it. Text is handed over in "
                    + "all rounds: written messages have no such measure. Off, every round is run. Comparisons and "
                    + "benchmarks run every round."), "stop-early",
                    "alike-from"),
            topic("retrieval", RetrievalTexts.LABEL, RetrievalTexts.HELP),
            topic("latent-steps", Words.of("Latent steps"),
                Words.of("How many hidden states an agent hands over (m). After "
                    + "reading its prompt, an agent feeds its last hidden state back to itself, through its inner link, "
                    + "this many times. 0 hands over nothing, which is a useful check of what the latents bring.")),
            topic("temperature", Words.of("Temperature"),
                Words.of("How much chance there is in writing. 0 always takes the "
                    + "likeliest token, so a run repeats itself. Latent steps have no chance in them at any temperature.")),
            topic("top-p", Words.of("Top-p"),
                Words.of("Above temperature 0 a token is drawn among the likeliest ones only, as "
                    + "many as it takes for their probabilities to add up to this. 1 leaves all tokens in; at "
                    + "temperature 0 it does nothing.")),
            topic("answers", Words.of("Answers"),
                Words.of("How many answers are written from the same hidden states, each with a "
                    + "seed of its own; the most frequent one counts. The thinking is done once, so more answers cost "
                    + "only their own tokens. It needs a temperature above 0, otherwise all of them would be the same.")),
            topic("seed", Words.of("Seed"),
                Words.of("Where chance begins. With the same seed, settings and models a run gives the "
                    + "same text again. It also decides the noise that can stand in a link's place.")),
            topic("mode-latent", Words.of("Latent"),
                Words.of("The team works with hidden states alone: no agent but the last one "
                    + "writes anything, and that one only in the last round.")),
            topic("mode-text", Words.of("Text"),
                Words.of("The same team with the same prompts and rounds, but each agent writes "
                    + "its message as text and the next one reads it: what the latent way is measured against.")),
            topic("mode-single", Words.of("Single agent"),
                Words.of("The last agent alone, with nothing but the problem: what the "
                    + "others are good for shows in the difference.")),
            topic("search-title", Words.of("Where the search tool looks"),
                Words.of("This team's last agent may search while it "
                    + "writes. Its search looks through texts that come with the team, or asks a wiki: one request for "
                    + "each search, with what the agent wrote as query. The page may ask only servers that its address "
                    + "names, so a wiki is allowed by reloading the page with it, and then chosen here. Comparisons, "
                    + "benchmarks and shared runs keep the team's texts."), "search-corpus", "search-web",
                    "search-edition", "search-address"),
            topic("restart", Words.of("Run, Stop and Load"),
                Words.of("Run answers the problem in all chosen ways, one after the "
                    + "other; the first run loads the models. Load fetches and compiles them beforehand. Stop ends what "
                    + "is under way; what has ended stays. Restart appears when the engine is lost or does not stop, and "
                    + "puts a fresh one in its place."), "run", "stop", "load", "restart"),
            topic("stepwise", Words.of("Stage by stage"),
                Words.of("The run halts before each agent's turn, so that you can look "
                    + "at what there is so far. Next stage lets one agent work, To the end lets the run go on by itself. "
                    + "Seconds do not count while it halts."), "stepwise", "next-stage", "run-on"),
            topic("download", Words.of("Run report"),
                Words.of("A file with everything about the last run: problem, settings, "
                    + "prompts, every stage with its numbers, and the checksums of all models and links. The history can "
                    + "import and repeat it."), "download"),
            topic("see-inside", Words.of("Keep and show the latents"),
                Words.of("The next latent runs keep their hidden states and "
                    + "messages on the GPU until the answer is written. Then you see their path, their angles to each "
                    + "other, their lengths, and the tokens they are nearest to.")),
            topic(LINKS, Words.of("What stands in each link's place"),
                Words.of("A link translates an agent's hidden states: the "
                    + "inner link into its own next input, an outer link into inputs of the next agent. Put something "
                    + "else in its place to see what it carries: identity leaves the vector as it is, noise keeps only "
                    + "its length, zero keeps nothing but the position.")),
            topic(ROLES, Words.of("Roles"),
                Words.of("The system message tells an agent its job. Change it and run again; Reset "
                    + "brings the team's own back. Small agents that were trained with one message may not understand "
                    + "another.")),
            topic("compare-run", Words.of("Compare all ways"),
                Words.of("Runs the problem five ways with the same settings and "
                    + "seed, so that each number can be set against the latent team's: with all rounds in text, one "
                    + "round in text, the last agent alone, and the latent team with no latent steps.")),
            topic("share-copy", Words.of("Share"),
                Words.of("Makes an address that brings whoever opens it to this team, problem, "
                    + "settings, prompts and swapped links. Nothing is sent anywhere: the address itself holds it. Copy "
                    + "puts it on the clipboard."), "share-make", "share-copy", "share-link"),
            topic("benchmark-source", Words.of("Problems"),
                Words.of("Where the problems come from: the held-out problems of this "
                    + "site, which no agent was trained on, or a file of yours.")),
            topic("benchmark-file", Words.of("Problem file"),
                Words.of("A file in JSON Lines: {\"question\": \"...\", \"answer\": "
                    + "\"...\"} on each line. It is read in this browser and not sent anywhere.")),
            topic("benchmark-count", Words.of("Number of problems"),
                Words.of("Every way answers all of them. With 20 problems the "
                    + "interval around an accuracy is about 20 points wide to either side, with 100 about 10.")),
            topic("benchmark-steps", Words.of("Latent steps of the benchmark"),
                Words.of("Numbers with commas between them. The "
                    + "latent team runs with each of them at each depth.")),
            topic("benchmark-depth-5", Words.of("Depths of the benchmark"),
                Words.of("The rounds with which the latent team and "
                    + "the text team are run. The single agent has none."), "benchmark-depth-1", "benchmark-depth-2",
                    "benchmark-depth-3",
                    "benchmark-depth-4", "benchmark-depth-5"),
            topic("benchmark-way-single", Words.of("Ways of the benchmark"),
                Words.of("Which ways of answering are measured: the "
                    + "latent team, the same team writing, and its last agent alone."),
                    "benchmark-way-latent", "benchmark-way-text", "benchmark-way-single"),
            topic("benchmark-start", Words.of("Start"),
                Words.of("Begins a new benchmark. It goes on while you look at other "
                    + "sections, and what has ended is kept in this browser, also when you close the page.")),
            topic("benchmark-stop", Words.of("Resume and Stop"),
                Words.of("Stop ends the benchmark after the runs that have ended; "
                    + "Resume goes on where it stopped, also after a reload."), "benchmark-resume", "benchmark-stop"),
            topic("benchmark-page", Words.of("Results as files"),
                Words.of("CSV has one line for each run, for spreadsheets. JSON "
                    + "has everything and can be read back. The page is one file with the tables and charts, to show to "
                    + "others."),
                    "benchmark-csv", "benchmark-json", "benchmark-page"),
            topic("history-filter", Words.of("Find"),
                Words.of("Shows only the runs that hold all of these words, in problem, "
                    + "team, answer or way.")),
            topic("history-marks", Words.of("Answers"), Words.of("Shows only runs whose answers were marked so.")),
            topic("history-import", Words.of("Import"),
                Words.of("Takes in a run's report, or a history that was exported. It can "
                    + "then be looked at and repeated like a run of this page.")),
            topic("history-delete-all", Words.of("Export and delete"),
                Words.of("Export writes all runs into one file. Delete "
                    + "removes them from this browser, after asking once more."), "history-export",
                    "history-delete-all"),
            topic("run-export", Words.of("What to do with a run"),
                Words.of("Replay runs it again with its settings and compares "
                    + "every field. Use takes its problem and settings over to the page of runs. Export writes its "
                    + "report into a file."),
                    "run-replay", "run-use", "run-export"),
            topic("tour-run", Words.of("The tour's buttons"),
                Words.of("Run does this page's runs with the models of the open "
                    + "team; Stop ends them. Back and Next turn pages, also while a run goes on. Another problem starts "
                    + "the numbers anew."),
                    "tour-run", "tour-stop", "tour-back", "tour-next", "tour-problem", "tour-open"));

    private HelpTexts() {
    }

    private static Topic topic(String anchor, String about, String text, String... controls) {
        return new Topic(anchor, about, text, controls.length == 0 && !anchor.endsWith("-title") ? List.of(anchor)
                : List.of(controls));
    }
}
