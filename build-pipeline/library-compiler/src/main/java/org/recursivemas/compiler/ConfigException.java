package org.recursivemas.compiler;

/** A model description that cannot be used. The message names the file, the field and the remedy. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String file, String field, String problem, String remedy) {
        super(file + ": " + field + ": " + problem + ". " + remedy);
    }

    public ConfigException(String file, String field, String problem, String remedy, Throwable cause) {
        super(file + ": " + field + ": " + problem + ". " + remedy, cause);
    }
}
