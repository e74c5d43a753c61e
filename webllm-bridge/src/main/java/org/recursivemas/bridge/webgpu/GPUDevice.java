package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;

/** Interface GPUDevice. */
@JSClass(transparent = true)
public abstract class GPUDevice implements JSObject {
    @JSProperty
    public abstract GPUSupportedFeatures getFeatures();

    @JSProperty
    public abstract GPUSupportedLimits getLimits();

    @JSProperty
    public abstract GPUQueue getQueue();

    /** Resolves when the device is lost; never rejects. */
    @JSProperty
    public abstract JSPromise<GPUDeviceLostInfo> getLost();

    public abstract GPUBuffer createBuffer(GPUBufferDescriptor descriptor);

    public abstract GPUShaderModule createShaderModule(GPUShaderModuleDescriptor descriptor);

    public abstract JSPromise<GPUComputePipeline> createComputePipelineAsync(GPUComputePipelineDescriptor descriptor);

    public abstract GPUBindGroup createBindGroup(GPUBindGroupDescriptor descriptor);

    public abstract GPUCommandEncoder createCommandEncoder();

    public abstract GPUQuerySet createQuerySet(GPUQuerySetDescriptor descriptor);

    /** @param filter {@code "validation"}, {@code "out-of-memory"} or {@code "internal"} */
    public abstract void pushErrorScope(String filter);

    /** Resolves to null when the scope saw no error. */
    public abstract JSPromise<GPUError> popErrorScope();

    public abstract void destroy();

    /** The event {@code uncapturederror}, error by error. */
    @JSBody(params = "listener",
            script = "this.addEventListener('uncapturederror', function(event) { listener(event.error); });")
    public final native void addUncapturedErrorListener(GPUErrorListener listener);
}
