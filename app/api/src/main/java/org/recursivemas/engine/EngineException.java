package org.recursivemas.engine;

/**
 * Something an engine could not do. The message names what (model, file, field) and what to do about it; {@link #code()}
 * is for programs.
 */
public class EngineException extends RuntimeException {
    /** Any failure without a code of its own. */
    public static final String ENGINE = "engine";
    /** A file could not be reached or broke off. */
    public static final String NETWORK = "network";
    /** The browser did not keep what was to be stored. */
    public static final String STORAGE = "storage";
    /** A stored file is not what it was when it came in. */
    public static final String DAMAGED = "damaged";
    /** There is no WebGPU, no adapter, or one too small. */
    public static final String GPU_MISSING = "gpu-missing";
    /** The GPU took the device away: all models have to be loaded again. */
    public static final String GPU_LOST = "gpu-lost";
    /** A model does not fit into the GPU's memory. */
    public static final String GPU_MEMORY = "gpu-memory";

    private final String code;
    private final String remedy;

    public EngineException(String message) {
        this(message, null);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
        code = ENGINE;
        remedy = "";
    }

    /**
     * @param code one of the constants
     * @param problem what failed, as a sentence
     * @param remedy what to do about it, as a sentence; the message ends with it
     */
    public EngineException(String code, String problem, String remedy, Throwable cause) {
        super(problem + " " + remedy, cause);
        this.code = code;
        this.remedy = remedy;
    }

    /** What kind of failure this is: one of the constants. */
    public String code() {
        return code;
    }

    /** The end of the message that says what to do; empty where message and remedy are not kept apart. */
    public String remedy() {
        return remedy;
    }
}
