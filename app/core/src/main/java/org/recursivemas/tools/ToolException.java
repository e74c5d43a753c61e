package org.recursivemas.tools;

/** A tool has no answer; the message says why, in words for the agent that asked. */
public final class ToolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ToolException(String message) {
        super(message);
    }
}
