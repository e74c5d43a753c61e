package org.recursivemas.library.runtime;

/**
 * The pending error of section "errors" of the ABI: one message, fetched by tvmjs after a call that did not return 0.
 */
final class Errors {
    private static String pending;
    /** The block that holds the message last fetched. */
    private static int text;

    private Errors() {
    }

    /** Records what went wrong and gives the return code. */
    static int raise(Throwable error) {
        if (!(error instanceof CallbackException) || pending == null) {
            String message = error.getMessage();
            if (!(error instanceof LibraryException) && !(error instanceof org.recursivemas.library.ImageException)) {
                message = "internal error of the model library: " + error.getClass().getName()
                        + (message == null ? "" : ": " + message);
            }
            pending = message;
        }
        return -1;
    }

    static void set(String message) {
        pending = message;
    }

    /** Address of the NUL-terminated pending message, valid until the next call. */
    static int take() {
        String message = pending == null ? "unknown error of the model library" : pending;
        pending = null;
        if (text != 0) {
            Heap.free(text);
        }
        text = Heap.allocate(message.length() + 1);
        Memory.putText(text, message);
        return text;
    }
}
