package org.recursivemas.bridge.kernels;

import java.util.HashMap;
import java.util.Map;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.bridge.webgpu.GPUComputePassDescriptor;
import org.recursivemas.bridge.webgpu.GPUComputePassEncoder;

/** L2 norm and finiteness of rows. */
public final class ProbeKernel {
    /** Bytes of statistics for one row: norm (f32), then 1 (u32) where a value is not finite. */
    public static final int ROW_BYTES = 8;

    private final Kernels kernels;
    private final Map<String, Kernel> byShape = new HashMap<>();

    public ProbeKernel(Kernels kernels) {
        this.kernels = kernels;
    }

    /** Compiles the kernel for this width and type, if it is new; only then it waits. */
    public void prepare(int width, boolean half) {
        byShape.computeIfAbsent(key(width, half), key -> kernels.get("probe", LinkShaders.probe(width, half)));
    }

    /**
     * Records the statistics of x [rows, width] into {@code statistics} [rows] behind what {@code encoder} holds. For a
     * shape that has been {@linkplain #prepare prepared}.
     */
    public void encode(GPUCommandEncoder encoder, GPUBuffer x, int width, boolean half, GPUBuffer statistics,
            int rows) {
        Kernel kernel = byShape.get(key(width, half));
        double bytes = half ? Math.ceil(rows * (double) width / 2) * 4 : rows * 4.0 * width;
        GPUComputePassEncoder pass = encoder.beginComputePass(GPUComputePassDescriptor.create("probe"));
        kernel.dispatch(pass, new GPUBuffer[] {x, statistics}, new double[] {bytes, rows * (double) ROW_BYTES}, rows,
                1);
        pass.end();
    }

    private static String key(int width, boolean half) {
        return width + (half ? " f16" : " f32");
    }
}
