package org.recursivemas.facts;

/** One test body that runs on the JVM and, compiled by TeaVM, in a browser. */
@FunctionalInterface
public interface Fact {
    /** Throws when the fact does not hold. */
    void check() throws Exception;
}
