package org.recursivemas.bridge.tvm;

import org.teavm.jso.JSObject;

/** A reference to an object inside a model library. */
public interface TVMObject extends JSObject {
    /** Releases the reference; a second call does nothing. */
    void dispose();
}
