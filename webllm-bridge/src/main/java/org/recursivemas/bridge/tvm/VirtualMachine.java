package org.recursivemas.bridge.tvm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** The functions of a loaded model library. */
@JSClass(transparent = true)
public abstract class VirtualMachine implements JSObject {
    /** Null when the library has no such function; tracked by the current scope. */
    @JSBody(params = "name", script = "var found;"
            + " try { found = this.getFunction(name); } catch (absent) { found = null; }"
            + " return typeof found === 'function' ? found : null;")
    public final native PackedFunc find(String name);
}
