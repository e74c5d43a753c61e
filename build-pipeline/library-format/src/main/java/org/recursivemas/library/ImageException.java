package org.recursivemas.library;

/** An image of a model library that cannot be written or read. The message names the place and what is wrong there. */
public final class ImageException extends RuntimeException {
    public ImageException(String message) {
        super(message);
    }
}
