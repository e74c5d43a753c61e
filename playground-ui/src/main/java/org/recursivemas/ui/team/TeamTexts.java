package org.recursivemas.ui.team;

/** Texts of the team's section. */
final class TeamTexts {
    static final String TITLE = "The team";
    static final String HINT = "Change who takes part, what each is told, which model it runs and who hands to whom. Agents of a"
            + " round work in the order of the list; a feedback hand-off arrives in the next round. Every hand-off needs a slot"
            + " of its name in the reader's prompt, e.g. {plan}, and a trained outer link from its sender to its reader in the"
            + " team's link file: a latent run without one is refused, never replaced by text. train-link makes links.";
    static final String AGENTS = "Agents";
    static final String HAND_OFFS = "Hand-offs";
    static final String NAME = "Title";
    static final String MODEL = "Model";
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

    static String handOff(String from, String to, String slot, boolean feedback) {
        return from + " \u2192 " + to + " as {" + slot + "}" + (feedback ? ", in the next round" : "");
    }
}
