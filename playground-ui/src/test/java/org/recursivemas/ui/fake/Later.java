package org.recursivemas.ui.fake;

/** Has something done later: by the browser's timer, or by hand in a test on the JVM. */
public interface Later {
    void run(int millis, Runnable what);
}
