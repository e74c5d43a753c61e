package org.recursivemas.bridge.tvm;

import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** The GPU side of one instance: its buffers and the commands it has recorded but not yet submitted. */
@JSClass(transparent = true)
public abstract class WebGPUContext implements JSObject {
    /** Submits what has been recorded. */
    public abstract void flushCommands();

    /** Records a copy behind the commands recorded so far. Offsets and size in bytes, multiples of 4. */
    public abstract void deviceCopyWithinGPU(int from, int fromOffset, int to, int toOffset, int bytes);

    /** The buffer behind {@link Tensor#getDataPtr()}. */
    public abstract GPUBuffer gpuBufferFromPtr(int pointer);

    /** Bytes of GPU memory that tensors hold now. */
    @JSProperty
    public abstract double getCurrAllocatedBytes();

    /** Kernels launched so far. */
    @JSProperty
    public abstract double getShaderSubmitCounter();

    /** The encoder that the next {@link #flushCommands()} submits; begun when there is none. */
    @JSBody(script = "if (!this.pendingEncoder) { this.pendingEncoder = this.device.createCommandEncoder(); }"
            + " return this.pendingEncoder;")
    public final native GPUCommandEncoder encoder();
}
