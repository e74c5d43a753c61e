package org.recursivemas.bridge.kernels;

import java.util.HashMap;
import java.util.Map;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.webgpu.GPUComputePipelineDescriptor;
import org.recursivemas.bridge.webgpu.GPUDevice;
import org.recursivemas.bridge.webgpu.GPUShaderModule;
import org.recursivemas.bridge.webgpu.GPUShaderModuleDescriptor;
import org.recursivemas.engine.EngineException;

/** The kernels of one device, each compiled once. */
public final class Kernels {
    private final GPUDevice device;
    private final Map<String, Kernel> compiled = new HashMap<>();

    public Kernels(GPUDevice device) {
        this.device = device;
    }

    GPUDevice device() {
        return device;
    }

    /**
     * The entry point {@code name} of {@code wgsl}. Waits when it is new.
     *
     * @throws EngineException with the compiler's message
     */
    Kernel get(String name, String wgsl) {
        Kernel kernel = compiled.get(wgsl);
        if (kernel == null) {
            GPUShaderModule module = device.createShaderModule(GPUShaderModuleDescriptor.create(name, wgsl));
            try {
                kernel = new Kernel(device, name, Promises.await(device.createComputePipelineAsync(
                        GPUComputePipelineDescriptor.create(name, module, name))));
            } catch (JavaScriptException e) {
                throw new EngineException("The GPU refused the kernel \"" + name + "\": " + e.getMessage()
                        + ". Please report this with the name of the graphics adapter.", e);
            }
            compiled.put(wgsl, kernel);
        }
        return kernel;
    }
}
