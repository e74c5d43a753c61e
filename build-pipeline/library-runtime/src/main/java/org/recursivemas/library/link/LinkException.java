package org.recursivemas.library.link;

/** A runtime module that cannot be linked with an image. The message names the section. */
public final class LinkException extends RuntimeException {
    public LinkException(String message) {
        super(message);
    }
}
