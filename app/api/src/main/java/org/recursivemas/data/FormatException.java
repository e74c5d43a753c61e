package org.recursivemas.data;

/** A file that does not hold what it must. The message names the file, the field and what to do. */
public class FormatException extends RuntimeException {
    private final String file;
    private final String field;
    private final String remedy;

    /**
     * @param file name or address of the file
     * @param field path of the field inside it, e.g. {@code agents[1].user}; empty when the file as a whole is meant
     * @param problem what is wrong
     * @param remedy what to do about it
     */
    public FormatException(String file, String field, String problem, String remedy) {
        this(file, field, problem, remedy, null);
    }

    public FormatException(String file, String field, String problem, String remedy, Throwable cause) {
        super(file + ": " + (field.isEmpty() ? "" : field + ": ") + problem + ". " + remedy, cause);
        this.file = file;
        this.field = field;
        this.remedy = remedy;
    }

    public String file() {
        return file;
    }

    public String field() {
        return field;
    }

    /** The end of the message that says what to do. */
    public String remedy() {
        return remedy;
    }
}
