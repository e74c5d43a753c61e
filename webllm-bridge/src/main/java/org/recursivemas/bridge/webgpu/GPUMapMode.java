package org.recursivemas.bridge.webgpu;

/** Namespace GPUMapMode. */
public final class GPUMapMode {
    public static final int READ = 0x0001;

    private GPUMapMode() {
    }
}
