package org.recursivemas.ui.measure;

/** Time and names of what is kept. */
interface Identity {
    /** Milliseconds since 1970. */
    double now();

    /** A name that nothing else has, and that sorts by time. */
    String next();
}
