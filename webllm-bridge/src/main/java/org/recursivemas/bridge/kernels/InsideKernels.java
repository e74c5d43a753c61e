package org.recursivemas.bridge.kernels;

import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.bridge.webgpu.GPUComputePassDescriptor;
import org.recursivemas.bridge.webgpu.GPUComputePassEncoder;

/** Kernels for looking at latents and for experiments with links: scores of tokens, rows of given lengths. */
public final class InsideKernels {
    private static final int THREADS = 64;

    private final Kernels kernels;

    public InsideKernels(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * Records dot products of vectors with token embeddings. Waits when the kernel is new.
     *
     * @param x vectors f32 [rows, width]
     * @param table embeddings [tokens, width] in f32, or f16 when {@code half}
     * @param scores f32 [rows + 1, tokens]; the last row gets the squares of the embeddings' norms
     */
    public void score(GPUCommandEncoder encoder, GPUBuffer x, int rows, GPUBuffer table, int tokens, int width,
            boolean half, GPUBuffer scores) {
        Kernel kernel = kernels.get("lens", lens(width, half));
        GPUComputePassEncoder pass = encoder.beginComputePass(GPUComputePassDescriptor.create("lens"));
        kernel.dispatch(pass, new GPUBuffer[] {x, table, scores}, new double[] {4.0 * rows * width,
            bytes(tokens, width, half), 4.0 * (rows + 1) * tokens}, (tokens + THREADS - 1) / THREADS, rows + 1);
        pass.end();
    }

    /** Compiles {@link #scale} for this width and type, if it is new; only then it waits. */
    public void prepareScale(int width, boolean half) {
        kernels.get("scale", scaling(width, half));
    }

    /**
     * Records y = x [rows, width], each row times its norm in {@code statistics} as {@link ProbeKernel} writes them.
     */
    public void scale(GPUCommandEncoder encoder, GPUBuffer x, GPUBuffer statistics, GPUBuffer y, int rows, int width,
            boolean half) {
        Kernel kernel = kernels.get("scale", scaling(width, half));
        double bytes = bytes(rows, width, half);
        GPUComputePassEncoder pass = encoder.beginComputePass(GPUComputePassDescriptor.create("scale"));
        kernel.dispatch(pass, new GPUBuffer[] {x, statistics, y},
                new double[] {bytes, rows * (double) ProbeKernel.ROW_BYTES, bytes},
                (int) Math.ceil(bytes / 4 / THREADS), 1);
        pass.end();
    }

    /**
     * Records the mean cosine of the rows of a and b [rows, width] into {@code mean}, one f32. Waits when the kernel is new.
     */
    public void meanCosine(GPUCommandEncoder encoder, GPUBuffer a, GPUBuffer b, int rows, int width, boolean half,
            GPUBuffer mean) {
        Kernel kernel = kernels.get("agreement", agreement(rows, width, half));
        double bytes = bytes(rows, width, half);
        GPUComputePassEncoder pass = encoder.beginComputePass(GPUComputePassDescriptor.create("agreement"));
        kernel.dispatch(pass, new GPUBuffer[] {a, b, mean}, new double[] {bytes, bytes, 4}, 1, 1);
        pass.end();
    }

    /** One workgroup, a thread for every 64th row: there are few rows, and one number comes out. */
    private static String agreement(int rows, int width, boolean half) {
        String type = half ? "u32" : "f32";
        return "const W = " + width + "u;\nconst ROWS = " + rows + "u;\n"
                + "@group(0) @binding(0) var<storage, read> a: array<" + type + ">;\n"
                + "@group(0) @binding(1) var<storage, read> b: array<" + type + ">;\n"
                + "@group(0) @binding(2) var<storage, read_write> mean: array<f32>;\n"
                + "var<workgroup> sums: array<f32, 64>;\n"
                + (half
                ? "fn a_at(i: u32) -> f32 { let p = unpack2x16float(a[i >> 1u]); return select(p.x, p.y, (i & 1u) == 1u); }\n"
                + "fn b_at(i: u32) -> f32 { let p = unpack2x16float(b[i >> 1u]); return select(p.x, p.y, (i & 1u) == 1u); }\n"
                : "fn a_at(i: u32) -> f32 { return a[i]; }\nfn b_at(i: u32) -> f32 { return b[i]; }\n")
                + "@compute @workgroup_size(64)\nfn agreement(@builtin(local_invocation_id) lid: vec3u) {\n"
                + "    var sum = 0.0;\n"
                + "    for (var r = lid.x; r < ROWS; r += 64u) {\n"
                + "        var dots = 0.0;\n        var left = 0.0;\n        var right = 0.0;\n"
                + "        for (var k = r * W; k < (r + 1u) * W; k++) {\n"
                + "            let x = a_at(k);\n            let y = b_at(k);\n"
                + "            dots += x * y;\n            left += x * x;\n            right += y * y;\n        }\n"
                + "        let lengths = sqrt(left) * sqrt(right);\n"
                + "        if (lengths > 0.0) {\n            sum += dots / lengths;\n"
                + "        } else if (left + right == 0.0) {\n            sum += 1.0;\n        }\n    }\n"
                + "    sums[lid.x] = sum;\n    workgroupBarrier();\n"
                + "    if (lid.x == 0u) {\n        for (var j = 1u; j < 64u; j++) { sum += sums[j]; }\n"
                + "        mean[0] = sum / f32(ROWS);\n    }\n}\n";
    }

    private static double bytes(int rows, int width, boolean half) {
        return half ? Math.ceil(rows * (double) width / 2) * 4 : 4.0 * rows * width;
    }

    private static String lens(int width, boolean half) {
        return "const W = " + width + "u;\n"
                + "@group(0) @binding(0) var<storage, read> x: array<f32>;\n"
                + "@group(0) @binding(1) var<storage, read> table: array<" + (half ? "u32" : "f32") + ">;\n"
                + "@group(0) @binding(2) var<storage, read_write> scores: array<f32>;\n"
                + (half
                ? "fn entry(i: u32) -> f32 {\n    let p = unpack2x16float(table[i >> 1u]);\n"
                + "    return select(p.x, p.y, (i & 1u) == 1u);\n}\n"
                : "fn entry(i: u32) -> f32 { return table[i]; }\n")
                + "@compute @workgroup_size(64)\nfn lens(@builtin(global_invocation_id) id: vec3u) {\n"
                + "    let rows = arrayLength(&x) / W;\n    let tokens = arrayLength(&scores) / (rows + 1u);\n"
                + "    if (id.x >= tokens) { return; }\n"
                + "    let at = min(id.y, rows - 1u) * W;\n    let squares = id.y == rows;\n    var s = 0.0;\n"
                + "    for (var k = 0u; k < W; k++) {\n        let e = entry(id.x * W + k);\n"
                + "        s += e * select(x[at + k], e, squares);\n    }\n"
                + "    scores[id.y * tokens + id.x] = s;\n}\n";
    }

    private static String scaling(int width, boolean half) {
        String type = half ? "u32" : "f32";
        return "const W = " + width + "u;\n"
                + "@group(0) @binding(0) var<storage, read> x: array<" + type + ">;\n"
                + "@group(0) @binding(1) var<storage, read> statistics: array<u32>;\n"
                + "@group(0) @binding(2) var<storage, read_write> y: array<" + type + ">;\n"
                + "fn norm_at(i: u32) -> f32 { return bitcast<f32>(statistics[2u * (i / W)]); }\n"
                + "@compute @workgroup_size(64)\nfn scale(@builtin(global_invocation_id) id: vec3u) {\n"
                + "    let i = id.x;\n    if (i >= arrayLength(&y)) { return; }\n"
                + (half
                ? "    let p = unpack2x16float(x[i]);\n"
                + "    y[i] = pack2x16float(vec2f(p.x * norm_at(2u * i), p.y * norm_at(2u * i + 1u)));\n"
                : "    y[i] = x[i] * norm_at(i);\n")
                + "}\n";
    }
}
