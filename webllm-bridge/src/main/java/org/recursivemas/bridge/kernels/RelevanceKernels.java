package org.recursivemas.bridge.kernels;

import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.bridge.webgpu.GPUComputePassDescriptor;
import org.recursivemas.bridge.webgpu.GPUComputePassEncoder;

/** Kernels for the cosine of the means of two blocks of rows: sums of rows, and the cosine of two such sums. */
public final class RelevanceKernels {
    private static final int THREADS = 64;

    private final Kernels kernels;

    public RelevanceKernels(Kernels kernels) {
        this.kernels = kernels;
    }

    /** Compiles what is new for this width and type; only then it waits. */
    public void prepare(int width, boolean half) {
        kernels.get("add_rows", adding(width, half));
        kernels.get("cosine", cosine(width));
    }

    /**
     * Records sums += sum of the rows of x.
     *
     * @param x [rows, width] in f32, or f16 when {@code half}; at least 1 row
     * @param sums f32 [width]
     */
    public void addRows(GPUCommandEncoder encoder, GPUBuffer x, int rows, int width, boolean half, GPUBuffer sums) {
        Kernel kernel = kernels.get("add_rows", adding(width, half));
        double bytes = half ? Math.ceil(rows * (double) width / 2) * 4 : 4.0 * rows * width;
        GPUComputePassEncoder pass = encoder.beginComputePass(GPUComputePassDescriptor.create("sum of rows"));
        kernel.dispatch(pass, new GPUBuffer[] {x, sums}, new double[] {bytes, 4.0 * width},
                (width + THREADS - 1) / THREADS, 1);
        pass.end();
    }

    /** Records the cosine of two vectors f32 [width] into {@code result}, one f32; 0 where one of them is 0. */
    public void cosine(GPUCommandEncoder encoder, GPUBuffer one, GPUBuffer other, int width, GPUBuffer result) {
        Kernel kernel = kernels.get("cosine", cosine(width));
        GPUComputePassEncoder pass = encoder.beginComputePass(GPUComputePassDescriptor.create("cosine"));
        kernel.dispatch(pass, new GPUBuffer[] {one, other, result}, new double[] {4.0 * width, 4.0 * width, 4}, 1, 1);
        pass.end();
    }

    /** A thread for every column. */
    private static String adding(int width, boolean half) {
        return "const W = " + width + "u;\n"
                + "@group(0) @binding(0) var<storage, read> x: array<" + (half ? "u32" : "f32") + ">;\n"
                + "@group(0) @binding(1) var<storage, read_write> sums: array<f32>;\n"
                + (half
                ? "fn entry(i: u32) -> f32 {\n    let p = unpack2x16float(x[i >> 1u]);\n"
                + "    return select(p.x, p.y, (i & 1u) == 1u);\n}\n"
                : "fn entry(i: u32) -> f32 { return x[i]; }\n")
                + "@compute @workgroup_size(64)\nfn add_rows(@builtin(global_invocation_id) id: vec3u) {\n"
                + "    if (id.x >= W) { return; }\n    var sum = sums[id.x];\n"
                + "    let end = arrayLength(&x)" + (half ? " * 2u" : "") + " / W * W;\n"
                + "    for (var i = id.x; i < end; i += W) { sum += entry(i); }\n"
                + "    sums[id.x] = sum;\n}\n";
    }

    /** One workgroup. */
    private static String cosine(int width) {
        return "const W = " + width + "u;\n"
                + "@group(0) @binding(0) var<storage, read> a: array<f32>;\n"
                + "@group(0) @binding(1) var<storage, read> b: array<f32>;\n"
                + "@group(0) @binding(2) var<storage, read_write> result: array<f32>;\n"
                + "var<workgroup> parts: array<vec3f, 64>;\n"
                + "@compute @workgroup_size(64)\nfn cosine(@builtin(local_invocation_id) lid: vec3u) {\n"
                + "    var part = vec3f(0.0);\n"
                + "    for (var i = lid.x; i < W; i += 64u) {\n"
                + "        part += vec3f(a[i] * b[i], a[i] * a[i], b[i] * b[i]);\n    }\n"
                + "    parts[lid.x] = part;\n    workgroupBarrier();\n"
                + "    if (lid.x == 0u) {\n        for (var j = 1u; j < 64u; j++) { part += parts[j]; }\n"
                + "        let lengths = sqrt(part.y) * sqrt(part.z);\n"
                + "        result[0] = select(0.0, part.x / lengths, lengths != 0.0);\n    }\n}\n";
    }
}
