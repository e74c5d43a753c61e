package org.recursivemas.library.runtime;

/** An error that JavaScript shall see as the message of an {@code Error}. */
final class LibraryException extends RuntimeException {
    LibraryException(String message) {
        super(message);
    }
}
