package org.recursivemas.pipeline;

import java.nio.file.Path;

/**
 * Bad input: a file, folder or option that cannot be used as it is. The message always has the same three parts, so
 * that a person can act on it: where (file and field or tensor), what is wrong, and what to do about it.
 */
public class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String where;
    private final String remedy;

    /**
     * @param file   the file or folder at fault
     * @param field  the field, tensor or part of the file, or null when the file as a whole is meant
     * @param what   what is wrong, without a final full stop
     * @param remedy what to do, an imperative sentence
     */
    public InputException(Path file, String field, String what, String remedy) {
        this(place(file, field), what, remedy, null);
    }

    /** As the other constructor, with a place that is not a file (an option, say) and the cause. */
    public InputException(String where, String what, String remedy, Throwable cause) {
        super(where + ": " + what + ". " + remedy, cause);
        this.where = where;
        this.remedy = remedy;
    }

    /** File and field, as in the message. */
    public String where() {
        return where;
    }

    /** What to do, as in the message. */
    public String remedy() {
        return remedy;
    }

    /** File and field as they are written in messages. */
    public static String place(Path file, String field) {
        return field == null ? file.toString() : file + ", " + field;
    }
}
