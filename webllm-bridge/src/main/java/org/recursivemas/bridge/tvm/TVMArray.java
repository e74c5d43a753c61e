package org.recursivemas.bridge.tvm;

/** An array object of a model library. */
public interface TVMArray extends TVMObject {
    /** Element {@code index}, tracked by the current scope. */
    TVMObject get(int index);
}
