package org.recursivemas.bridge.kernels;

import org.recursivemas.bridge.webgpu.GPUBindGroupDescriptor;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUComputePassEncoder;
import org.recursivemas.bridge.webgpu.GPUComputePipeline;
import org.recursivemas.bridge.webgpu.GPUDevice;

/** One compute pipeline with its launch. */
final class Kernel {
    private static final int MAX_WORKGROUPS = 65535;

    private final GPUDevice device;
    private final String name;
    private final GPUComputePipeline pipeline;

    Kernel(GPUDevice device, String name, GPUComputePipeline pipeline) {
        this.device = device;
        this.name = name;
        this.pipeline = pipeline;
    }

    /**
     * Launches on x * y workgroups.
     *
     * @param buffers buffers in the order of their bindings
     * @param bytes how much of each the kernel sees
     */
    void dispatch(GPUComputePassEncoder pass, GPUBuffer[] buffers, double[] bytes, int x, int y) {
        if (x > MAX_WORKGROUPS || y > MAX_WORKGROUPS) {
            throw new IllegalArgumentException("too many rows for the kernel " + name + ": " + x + " x " + y
                    + " workgroups");
        }
        GPUBindGroupDescriptor group = GPUBindGroupDescriptor.create(name, pipeline.getBindGroupLayout(0));
        for (int i = 0; i < buffers.length; i++) {
            group.bind(i, buffers[i], bytes[i]);
        }
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, device.createBindGroup(group));
        pass.dispatchWorkgroups(x, y);
    }
}
