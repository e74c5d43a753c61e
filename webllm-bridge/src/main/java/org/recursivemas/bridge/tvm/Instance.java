package org.recursivemas.bridge.tvm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/**
 * One TVM runtime: an instantiated model library with its objects. What its calls return lives until the scope ends in
 * which it was made, unless it is detached.
 */
@JSClass(transparent = true)
public abstract class Instance implements JSObject {
    public abstract void beginScope();

    public abstract void endScope();

    /** Takes {@code object} out of the current scope; whoever holds it disposes it. */
    @JSBody(params = "object", script = "return this.detachFromCurrentScope(object);")
    public final native <T extends TVMObject> T detachFromCurrentScope(T object);

    /** An uninitialised [rows, width] tensor on the GPU. */
    @JSBody(params = {"rows", "width", "dtype"}, script = "return this.empty([rows, width], dtype, this.webgpu());")
    public final native Tensor emptyOnGpu(int rows, int width, String dtype);

    /** Seeds the sampler's random numbers. */
    public abstract void setSeed(int seed);

    /** The GPU side of this instance. */
    @JSBody(script = "return this.lib.webGPUContext;")
    public final native WebGPUContext webGpuContext();
}
