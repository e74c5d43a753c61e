package org.recursivemas.ui.team;

import java.util.List;

/** Texts of the team's section. */
final class TeamTexts {
    static final String TITLE = "The team";
    static final String HINT = "Change who takes part, what each is told, which model it runs and who hands to whom. Agents of a"
            + " round work in the order of the list; a feedback hand-off arrives in the next round. Every hand-off needs a slot"
            + " of its name in the reader's prompt, e.g. {plan}. To carry hidden states it also needs a trained outer link from its"
            + " sender to its reader in the team's link file, and its sender an inner link; without them the team runs as text"
            + " and alone, and a latent run is refused, never replaced by text. train-link makes links.";
    static final String STEPS = "Latent steps";
    static final String STEPS_HINT = "Steps of this agent's rollouts, 0 to 80. Leave it empty for the run's. In a run of 0 steps"
            + " nobody rolls out.";
    static final String STEPS_WRONG = "A whole number from 0 to 80, or nothing.";
    static final String NO_LATENT = "text only";
    static final String LATENT_POSSIBLE = "All hand-offs have their links: the team can hand over hidden states.";
    static final String NO_LINK_FILE = "The team names no link file. It runs as text and alone; links for it are made with"
            + " train-link.";
    static final String OTHER_FILE = "Whether the link file fits is looked at when the team is used.";
    static final String AGENTS = "Agents";
    static final String HAND_OFFS = "Hand-offs";
    static final String NAME = "Title";
    static final String MODEL = "Model";
    static final String GROUP_TEAM = "Of this team";
    static final String GROUP_OTHER = "From the section of models";
    static final String STORED = " (stored)";
    static final String ADDRESS_TITLE = "A model at an address";
    static final String ADDRESS = "Folder of the model, or package of one model";
    static final String LIBRARY = "Its library (.wasm), unless a package or the list of models names it";
    static final String FIND = "Have it run this model";
    static final String LOOKING = "Looking\u2026";
    static final String ALLOW = "Load the page with this server allowed (save a changed team first)";
    static final String PROMPTS = "Prompts";
    static final String UP = "Up";
    static final String COPY = "Copy";
    static final String REMOVE = "Remove";
    static final String FROM = "From";
    static final String TO = "To";
    static final String SLOT = "Slot";
    static final String FEEDBACK = "Feedback, for the next round";
    static final String ADD = "Add hand-off";
    static final String USE = "Use this team";
    static final String RESET = "Back to the open team";
    static final String SAVE = "Save as a file";
    static final String LOAD = "Load a file";
    static final String FILE = "The team file itself (JSON)";
    static final String READ = "Take over what is written";
    static final String USED = "The page has this team now. Its models are loaded with the next run. A shared link does not carry"
            + " it: save the file.";
    static final String BUSY = "Stop what is running before the team is changed.";

    private TeamTexts() {
    }

    static String prompt(String field) {
        switch (field) {
            case "system":
                return "System message";
            case "user":
                return "Prompt";
            case "user_feedback":
                return "Prompt from round 2 on";
            default:
                return "Prompt when it works alone";
        }
    }

    /** @param agent id. @param folder address of the model's folder */
    static String runs(String agent, String folder) {
        return agent + " runs " + folder + " once this team is used. A latent run through links that were made for another"
                + " model is refused.";
    }

    /** @param faults what is missing, in a few words each */
    static String lacking(List<String> faults) {
        return "Latent runs that need these hand-offs are refused: " + String.join("; ", faults)
                + ". Text, the single agent and runs of 0 latent steps go without. train-link makes links.";
    }

    static String otherTeam(String made, String id) {
        return "The link file was made for team " + made + ", not for " + id + ": latent runs are refused. Text and the"
                + " single agent run.";
    }

    static String handOff(String from, String to, String slot, boolean feedback) {
        return from + " \u2192 " + to + " as {" + slot + "}" + (feedback ? ", in the next round" : "");
    }
}
