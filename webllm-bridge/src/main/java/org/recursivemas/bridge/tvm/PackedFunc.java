package org.recursivemas.bridge.tvm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** A function of a model library. Results are tracked by the current scope of its instance. */
@JSClass(transparent = true)
public abstract class PackedFunc implements TVMObject {
    @JSBody(params = {"a", "b", "c"}, script = "return this(a, b, c);")
    public final native JSObject call(JSObject a, JSObject b, JSObject c);

    /** Calls without arguments a function that returns text. */
    @JSBody(script = "return String(this());")
    public final native String text();
}
