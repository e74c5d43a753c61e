package org.recursivemas.engine;

/** Something an engine could not do. The message names what (model, file, field) and what to do about it. */
public class EngineException extends RuntimeException {
    public EngineException(String message) {
        super(message);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
