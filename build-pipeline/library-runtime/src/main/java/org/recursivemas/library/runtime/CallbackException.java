package org.recursivemas.library.runtime;

/** A JavaScript function failed and has recorded its own message, which must be kept. */
final class CallbackException extends RuntimeException {
    CallbackException() {
        super("a JavaScript function failed");
    }
}
