package org.recursivemas.playground;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.recursivemas.data.FormatException;
import org.recursivemas.engine.EngineException;
import org.teavm.flavour.json.JsonPersistable;

/**
 * A failure as it is told: across the border between page and worker, to the views, and to programs that use the page.
 */
@JsonPersistable
public class Failure {
    /** A file does not hold what it must; {@link #file} and {@link #field} are set. */
    public static final String FORMAT = "format";
    /** What was asked for cannot be done by this team. */
    public static final String REQUEST = "request";
    /** Something else is under way, or nothing is open. */
    public static final String STATE = "state";
    /** A mistake in this program. */
    public static final String INTERNAL = "internal";
    /** The worker in which the models run has ended, or never began. */
    public static final String WORKER_LOST = "worker-lost";

    /** One of the constants here, or the code of an {@link EngineException}. */
    @JsonProperty public String code;
    /** What failed and what to do about it, for people. */
    @JsonProperty public String message;
    /** The end of the message that says what to do; empty where the two are not kept apart. */
    @JsonProperty public String remedy = "";
    /** Name or address of the file that is at fault, or null. */
    @JsonProperty public String file;
    /** Path of the field that is at fault, or null. */
    @JsonProperty public String field;

    /**
     * @param problem what failed, as a sentence
     * @param remedy what to do about it, as a sentence; may be empty
     */
    public static Failure of(String code, String problem, String remedy) {
        Failure failure = new Failure();
        failure.code = code;
        failure.message = remedy.isEmpty() ? problem : problem + " " + remedy;
        failure.remedy = remedy;
        return failure;
    }

    /** What was thrown, as a failure; the kind, file and field survive. */
    public static Failure of(Throwable thrown) {
        String message = thrown.getMessage();
        boolean said = message != null && !message.isEmpty();
        Failure failure;
        if (thrown instanceof FailureException) {
            return ((FailureException) thrown).failure();
        } else if (said && thrown instanceof EngineException) {
            failure = of(((EngineException) thrown).code(), message, "");
            failure.remedy = ((EngineException) thrown).remedy();
        } else if (said && thrown instanceof FormatException) {
            failure = of(FORMAT, message, "");
            failure.remedy = ((FormatException) thrown).remedy();
            failure.file = ((FormatException) thrown).file();
            failure.field = ((FormatException) thrown).field();
        } else if (said && thrown instanceof IllegalArgumentException) {
            failure = of(REQUEST, message, "");
        } else if (said && thrown instanceof IllegalStateException) {
            failure = of(STATE, message, "");
        } else if (said && thrown instanceof RuntimeException) {
            failure = of(INTERNAL, message, "");
        } else {
            failure = of(INTERNAL, "An error in this page: " + thrown + ".",
                    "Reload it; if that does not help, please report it.");
        }
        return failure;
    }

    /** Whether the models are gone and have to be loaded again. */
    public boolean losesModels() {
        return WORKER_LOST.equals(code) || EngineException.GPU_LOST.equals(code);
    }

    /** The failure as something to throw. */
    public FailureException toException() {
        return new FailureException(this);
    }
}
