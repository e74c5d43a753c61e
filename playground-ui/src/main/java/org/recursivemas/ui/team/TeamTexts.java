package org.recursivemas.ui.team;

import java.util.List;
import org.recursivemas.ui.Words;

/** Texts of the team's section. */
final class TeamTexts {
    static final String TITLE = Words.of("The team");
    static final String HINT = Words.of("Change who takes part, what each is told, which model it runs and who hands to "
            + "whom. Agents of a round work in the order of the list; a feedback hand-off arrives in the next round. "
            + "Every hand-off needs a slot of its name in the reader's prompt, e.g. {plan}. To carry hidden states it "
            + "also needs a trained outer link from its sender to its reader in the team's link file, and its sender an "
            + "inner link; without them the team runs as text and alone, and a latent run is refused, never replaced by "
            + "text. train-link makes links.");
    static final String STEPS = Words.of("Latent steps");
    static final String STEPS_HINT = Words.of("Steps of this agent's rollouts, 0 to 80. Leave it empty for the run's. In "
            + "a run of 0 steps nobody rolls out.");
    static final String STEPS_WRONG = Words.of("A whole number from 0 to 80, or nothing.");
    static final String NO_LATENT = Words.of("text only");
    static final String LATENT_POSSIBLE = Words.of("All hand-offs have their links: the team can hand over hidden states.");
    static final String NO_LINK_FILE = Words.of("The team names no link file. It runs as text and alone; links for it "
            + "are made with train-link.");
    static final String OTHER_FILE = Words.of("Whether the link file fits is looked at when the team is used.");
    static final String AGENTS = Words.of("Agents");
    static final String HAND_OFFS = Words.of("Hand-offs");
    static final String NAME = Words.of("Title");
    static final String MODEL = Words.of("Model");
    static final String GROUP_TEAM = Words.of("Of this team");
    static final String GROUP_OTHER = Words.of("From the section of models");
    static final String STORED = Words.of(" (stored)");
    static final String ADDRESS_TITLE = Words.of("A model at an address");
    static final String ADDRESS = Words.of("Folder of the model, or package of one model");
    static final String LIBRARY = Words.of("Its library (.wasm), unless a package or the list of models names it");
    static final String FIND = Words.of("Have it run this model");
    static final String LOOKING = Words.of("Looking\u2026");
    static final String ALLOW = Words.of("Load the page with this server allowed (save a changed team first)");
    static final String PROMPTS = Words.of("Prompts");
    static final String UP = Words.of("Up");
    static final String COPY = Words.of("Copy");
    static final String REMOVE = Words.of("Remove");
    static final String FROM = Words.of("From");
    static final String TO = Words.of("To");
    static final String SLOT = Words.of("Slot");
    static final String FEEDBACK = Words.of("Feedback, for the next round");
    static final String ADD = Words.of("Add hand-off");
    static final String USE = Words.of("Use this team");
    static final String RESET = Words.of("Back to the open team");
    static final String SAVE = Words.of("Save as a file");
    static final String LOAD = Words.of("Load a file");
    static final String FILE = Words.of("The team file itself (JSON)");
    static final String READ = Words.of("Take over what is written");
    static final String USED = Words.of("The page has this team now. Its models are loaded with the next run. A shared "
            + "link does not carry it: save the file.");
    static final String BUSY = Words.of("Stop what is running before the team is changed.");

    private TeamTexts() {
    }

    static String prompt(String field) {
        switch (field) {
            case "system":
                return Words.of("System message");
            case "user":
                return Words.of("Prompt");
            case "user_feedback":
                return Words.of("Prompt from round 2 on");
            default:
                return Words.of("Prompt when it works alone");
        }
    }

    /** @param agent id. @param folder address of the model's folder */
    static String runs(String agent, String folder) {
        return Words.of("{0} runs {1} once this team is used. A latent run through links that were made for another "
                + "model is refused.", agent, folder);
    }

    /** @param faults what is missing, in a few words each */
    static String lacking(List<String> faults) {
        return Words.of("Latent runs that need these hand-offs are refused: {0}. Text, the single agent and runs of 0 "
                + "latent steps go without. train-link makes links.", String.join("; ", faults));
    }

    static String otherTeam(String made, String id) {
        return Words.of("The link file was made for team {0}, not for {1}: latent runs are refused. Text and the single "
                + "agent run.", made, id);
    }

    static String handOff(String from, String to, String slot, boolean feedback) {
        return Words.of("{0} \u2192 {1} as {{2}}{3}", from, to, slot, feedback ? Words.of(", in the next round") : "");
    }
}
