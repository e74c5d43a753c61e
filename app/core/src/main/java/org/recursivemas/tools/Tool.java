package org.recursivemas.tools;

import org.recursivemas.engine.RunControl;

/** Something an agent can ask in its text, by writing {@code <name>input</name>}. */
public interface Tool {
    /** Name of its tags: a small letter, then small letters, digits or _. */
    String name();

    /**
     * Answers. May wait.
     *
     * @param input what stands between the tags, without surrounding blanks
     * @throws ToolException when there is no answer; its message goes to the agent
     */
    String run(String input);

    /**
     * The same, given up at once when the run is stopped.
     *
     * @throws ToolException also when it was given up
     */
    default String run(String input, RunControl control) {
        return run(input);
    }

    /** What opens a call. */
    default String openTag() {
        return "<" + name() + ">";
    }

    /** What closes a call and has it run. */
    default String closeTag() {
        return "</" + name() + ">";
    }
}
