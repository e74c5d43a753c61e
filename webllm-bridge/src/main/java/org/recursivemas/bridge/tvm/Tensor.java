package org.recursivemas.bridge.tvm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSProperty;
import org.teavm.jso.typedarrays.Int32Array;

/** A tensor of one instance. On the GPU its data is a buffer of that instance's {@link WebGPUContext}. */
@JSClass(transparent = true)
public abstract class Tensor implements TVMObject {
    /** Number of dimensions. */
    @JSProperty
    public abstract int getNdim();

    /** {@code "float32"}, {@code "float16"}, {@code "int32"}, ... */
    @JSProperty
    public abstract String getDtype();

    /** Where the data starts in its buffer, in bytes. */
    @JSProperty
    public abstract int getByteOffset();

    /** Number of the GPU buffer (or the address of CPU data). */
    public abstract int getDataPtr();

    @JSBody(params = "axis", script = "return this.shape[axis];")
    public final native int dim(int axis);

    /** A [1, n, d] view of the same data; tracked by the current scope. */
    @JSBody(params = {"n", "d"}, script = "return this.view([1, n, d]);")
    public final native Tensor asSequence(int n, int d);

    /** Writes int32 data; on the GPU through the queue. */
    public abstract Tensor copyFrom(Int32Array data);
}
