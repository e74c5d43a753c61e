package org.recursivemas.bridge.kernels;

/**
 * WGSL of a RecursiveLink, generated for its widths. The matrix kernels have 8 x 8 invocations: 8 times 4 neighbouring
 * outputs (weights are stored [in, out / 4] in groups of four, so that neighbours read in one piece) times 8 slices of the
 * sum. A workgroup makes 32 outputs of {@code rowTile} rows.
 */
final class LinkShaders {
    /** Outputs of one workgroup. */
    static final int OUTPUTS = 32;
    private static final int INVOCATIONS = 64;

    private static final String BUILTINS = "@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) lid: vec3u";
    /** W. H. Press et al., Numerical Recipes: erfc with a relative error below 1.2e-7 everywhere. */
    private static final String GELU = ""
            + "fn erfc_of_positive(z: f32) -> f32 {\n"
            + "    let t = 1.0 / (1.0 + 0.5 * z);\n"
            + "    let p = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806\n"
            + "        + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));\n"
            + "    return t * exp(p - z * z);\n"
            + "}\n"
            + "fn gelu(v: f32) -> f32 {\n" // v times the normal distribution function
            + "    let tail = 0.5 * erfc_of_positive(abs(v) * 0.70710678);\n"
            + "    return v * select(1.0 - tail, tail, v < 0.0);\n"
            + "}\n";

    private LinkShaders() {
    }

    /** Constants, the input binding 0 and {@code x_at(i)} for f32 or packed f16 input. */
    private static String input(int in, boolean half) {
        return "const IN = " + in + "u;\n"
                + "@group(0) @binding(0) var<storage, read> x: array<" + (half ? "u32" : "f32") + ">;\n"
                + (half
                ? "fn x_at(i: u32) -> f32 { let p = unpack2x16float(x[i >> 1u]); return select(p.x, p.y, (i & 1u) == 1u); }\n"
                : "fn x_at(i: u32) -> f32 { return x[i]; }\n");
    }

    /** Accumulators acc0.. (four outputs each) and the input rows row0.. of a tile; rows past the last repeat it. */
    private static void appendTile(StringBuilder s, int rowTile) {
        s.append("    let q = wg.x * 8u + lid.x;\n"); // which four outputs
        for (int r = 0; r < rowTile; r++) {
            s.append("    var acc").append(r).append(" = vec4f(); let row").append(r);
            s.append(" = min(first + ").append(r).append("u, rows - 1u);\n");
        }
    }

    /** acc += input * weight over one slice of {@code terms}; {@code value} reads the input of row %r at k. */
    private static void appendProduct(StringBuilder s, int rowTile, String terms, String outputs, String weight,
            String value) {
        s.append("    if (q < ").append(outputs).append(") { for (var k = lid.y; k < ").append(terms);
        s.append("; k += 8u) {\n        let w = ").append(weight).append("[k * ").append(outputs).append(" + q];\n");
        for (int r = 0; r < rowTile; r++) {
            s.append("        acc").append(r).append(" += ").append(value.replace("%r", Integer.toString(r)));
            s.append(" * w;\n");
        }
        s.append("    } }\n");
    }

    /** Adds up the slices; {@code store} runs for each output {@code o} of row first + lid.y with {@code total}. */
    private static void appendReduction(StringBuilder s, int rowTile, String width, String store) {
        for (int r = 0; r < rowTile; r++) {
            s.append("    sums[(").append(r).append("u * 8u + lid.y) * 8u + lid.x] = acc").append(r).append(";\n");
        }
        s.append("    workgroupBarrier();\n");
        s.append("    if (lid.y < ").append(rowTile).append("u && first + lid.y < rows) {\n");
        s.append("        var totals = vec4f();\n");
        s.append("        for (var j = 0u; j < 8u; j++) { totals += sums[(lid.y * 8u + j) * 8u + lid.x]; }\n");
        s.append("        for (var j = 0u; j < 4u; j++) {\n            let o = q * 4u + j; let total = totals[j];\n");
        s.append("            if (o < ").append(width).append(") { ").append(store).append(" }\n        }\n    }\n");
    }

    private static String quarters(int width) {
        return (width + 3) / 4 + "u";
    }

    /**
     * Entry {@code hidden}: h [rows, hidden] = GELU((x - mean) / deviation * w1 + b1), gain and bias of the norm being part
     * of w1 [in, hidden / 4] and b1 [hidden]. Bindings: x, w1, b1, h.
     */
    static String hidden(int in, int hidden, boolean half, int rowTile) {
        int lanes = INVOCATIONS / rowTile; // invocations that share one row's statistics
        StringBuilder s = new StringBuilder(input(in, half));
        s.append("const HIDDEN = ").append(hidden).append("u;\n");
        s.append("const LANES = ").append(lanes).append("u;\n");
        s.append("@group(0) @binding(1) var<storage, read> w1: array<vec4f>;\n");
        s.append("@group(0) @binding(2) var<storage, read> b1: array<f32>;\n");
        s.append("@group(0) @binding(3) var<storage, read_write> h: array<f32>;\n");
        s.append("var<workgroup> sums: array<vec4f, ").append(INVOCATIONS * rowTile).append(">;\n");
        s.append("var<workgroup> parts: array<f32, ").append(INVOCATIONS).append(">;\n");
        s.append(GELU);
        s.append("fn row_sum(first_part: u32) -> f32 {\n    var t = 0.0;\n");
        s.append("    for (var j = 0u; j < LANES; j++) { t += parts[first_part + j]; }\n    return t;\n}\n");
        s.append("@compute @workgroup_size(8, 8)\nfn hidden(").append(BUILTINS).append(") {\n");
        s.append("    let rows = arrayLength(&h) / HIDDEN;\n");
        s.append("    let first = wg.y * ").append(rowTile).append("u;\n");
        s.append("    let t = lid.y * 8u + lid.x;\n");
        s.append("    let own = min(first + t / LANES, rows - 1u) * IN;\n");
        s.append("    let lane = t % LANES;\n    let lane0 = t - lane;\n    var part = 0.0;\n");
        s.append("    for (var k = lane; k < IN; k += LANES) { part += x_at(own + k); }\n");
        s.append("    parts[t] = part;\n    workgroupBarrier();\n");
        s.append("    let mean = row_sum(lane0) / f32(IN);\n    workgroupBarrier();\n    part = 0.0;\n");
        s.append("    for (var k = lane; k < IN; k += LANES) { let d = x_at(own + k) - mean; part += d * d; }\n");
        s.append("    parts[t] = part;\n    workgroupBarrier();\n");
        s.append("    let scale = inverseSqrt(row_sum(lane0) / f32(IN) + 1e-5);\n    workgroupBarrier();\n");
        // One invocation of each row passes the statistics on through the same memory.
        s.append("    if (lane == 0u) { parts[2u * (t / LANES)] = mean; parts[2u * (t / LANES) + 1u] = scale; }\n");
        s.append("    workgroupBarrier();\n");
        appendTile(s, rowTile);
        for (int r = 0; r < rowTile; r++) {
            s.append("    let mean").append(r).append(" = parts[").append(2 * r).append("];\n");
        }
        appendProduct(s, rowTile, "IN", quarters(hidden), "w1", "(x_at(row%r * IN + k) - mean%r)");
        appendReduction(s, rowTile, "HIDDEN",
                "h[(first + lid.y) * HIDDEN + o] = gelu(total * parts[2u * lid.y + 1u] + b1[o]);");
        return s.append("}\n").toString();
    }

    /**
     * Entry {@code output}: y [rows, out] = h * w2 + residual(x) + bias. Bindings: x, bias [out], y, then with an MLP
     * h [rows, hidden] and w2 [hidden, out / 4], then with a projection w3 [in, out / 4].
     *
     * @param hidden 0 without an MLP
     */
    static String output(int in, int hidden, int out, boolean projection, boolean half, int rowTile) {
        StringBuilder s = new StringBuilder(input(in, half));
        s.append("const OUT = ").append(out).append("u;\n");
        s.append("@group(0) @binding(1) var<storage, read> bias: array<f32>;\n");
        s.append("@group(0) @binding(2) var<storage, read_write> y: array<f32>;\n");
        int binding = 3;
        if (hidden > 0) {
            s.append("const HIDDEN = ").append(hidden).append("u;\n");
            s.append("@group(0) @binding(3) var<storage, read> h: array<f32>;\n");
            s.append("@group(0) @binding(4) var<storage, read> w2: array<vec4f>;\n");
            binding = 5;
        }
        if (projection) {
            s.append("@group(0) @binding(").append(binding).append(") var<storage, read> w3: array<vec4f>;\n");
        }
        s.append("var<workgroup> sums: array<vec4f, ").append(INVOCATIONS * rowTile).append(">;\n");
        s.append("@compute @workgroup_size(8, 8)\nfn output(").append(BUILTINS).append(") {\n");
        s.append("    let rows = arrayLength(&y) / OUT;\n");
        s.append("    let first = wg.y * ").append(rowTile).append("u;\n");
        appendTile(s, rowTile);
        if (hidden > 0) {
            appendProduct(s, rowTile, "HIDDEN", quarters(out), "w2", "h[row%r * HIDDEN + k]");
        }
        if (projection) {
            appendProduct(s, rowTile, "IN", quarters(out), "w3", "x_at(row%r * IN + k)");
        }
        appendReduction(s, rowTile, "OUT", "y[(first + lid.y) * OUT + o] = total + bias[o]"
                + (projection ? ";" : " + x_at((first + lid.y) * IN + o);"));
        return s.append("}\n").toString();
    }

    /** Entry {@code norm}: y [rows, out] = LayerNorm(u). One workgroup a row. Bindings: u, gain, bias, y. */
    static String norm(int out) {
        return "const OUT = " + out + "u;\n"
                + "@group(0) @binding(0) var<storage, read> u: array<f32>;\n"
                + "@group(0) @binding(1) var<storage, read> gain: array<f32>;\n"
                + "@group(0) @binding(2) var<storage, read> bias: array<f32>;\n"
                + "@group(0) @binding(3) var<storage, read_write> y: array<f32>;\n"
                + "var<workgroup> sums: array<f32, 128>;\n"
                + "fn total(i: u32, v: f32) -> f32 {\n" // every invocation gets the same sum
                + "    sums[i] = v;\n    workgroupBarrier();\n"
                + "    for (var n = 64u; n > 0u; n >>= 1u) {\n"
                + "        if (i < n) { sums[i] += sums[i + n]; }\n        workgroupBarrier();\n    }\n"
                + "    let t = sums[0];\n    workgroupBarrier();\n    return t;\n}\n"
                + "@compute @workgroup_size(128)\nfn norm(" + BUILTINS + ") {\n"
                + "    let at = wg.x * OUT;\n    var part = 0.0;\n"
                + "    for (var k = lid.x; k < OUT; k += 128u) { part += u[at + k]; }\n"
                + "    let mean = total(lid.x, part) / f32(OUT);\n    part = 0.0;\n"
                + "    for (var k = lid.x; k < OUT; k += 128u) { let d = u[at + k] - mean; part += d * d; }\n"
                + "    let scale = inverseSqrt(total(lid.x, part) / f32(OUT) + 1e-5);\n"
                + "    for (var k = lid.x; k < OUT; k += 128u) {\n"
                + "        y[at + k] = (u[at + k] - mean) * scale * gain[k] + bias[k];\n    }\n}\n";
    }

    /**
     * Entry {@code pack}: f32 to pairs of f16, an odd last one paired with 0. What f16 cannot hold becomes NaN, which the
     * probe finds, instead of whatever the device makes of it. Bindings: v, y.
     */
    static String pack() {
        return "@group(0) @binding(0) var<storage, read> v: array<f32>;\n"
                + "@group(0) @binding(1) var<storage, read_write> y: array<u32>;\n"
                + "fn half(f: f32) -> u32 {\n"
                + "    if ((bitcast<u32>(f) & 0x7fffffffu) > 0x477fe000u) { return 0x7e00u; }\n" // above 65504
                + "    return pack2x16float(vec2f(f, 0.0)) & 0xffffu;\n}\n"
                + "@compute @workgroup_size(64)\nfn pack(@builtin(global_invocation_id) id: vec3u,"
                + " @builtin(num_workgroups) n: vec3u) {\n"
                + "    let i = id.y * n.x * 64u + id.x;\n"
                + "    if (i >= arrayLength(&y)) { return; }\n"
                + "    let count = arrayLength(&v);\n"
                + "    var high = 0u;\n    if (2u * i + 1u < count) { high = half(v[2u * i + 1u]); }\n"
                + "    y[i] = half(v[2u * i]) | (high << 16u);\n}\n";
    }

    /**
     * Entry {@code probe}: per row of x [rows, width] the L2 norm (bits) and 1 where a value is not finite. One workgroup a
     * row. Bindings: x, statistics [rows, 2].
     */
    static String probe(int width, boolean half) {
        return input(width, half)
                + "@group(0) @binding(1) var<storage, read_write> statistics: array<u32>;\n"
                + "var<workgroup> squares: array<f32, 64>;\n"
                + "var<workgroup> broken: array<u32, 64>;\n"
                + "@compute @workgroup_size(64)\nfn probe(" + BUILTINS + ") {\n"
                + "    var s = 0.0;\n    var bad = 0u;\n"
                + "    for (var k = lid.x; k < IN; k += 64u) {\n"
                + "        let i = wg.x * IN + k;\n"
                + "        let v = x_at(i);\n        s += v * v;\n"
                // Looks at the bits: compilers may assume that no float is NaN.
                + (half
                ? "        if (((x[i >> 1u] >> ((i & 1u) * 16u)) & 0x7c00u) == 0x7c00u) { bad = 1u; }\n"
                : "        if ((bitcast<u32>(v) & 0x7f800000u) == 0x7f800000u) { bad = 1u; }\n")
                + "    }\n"
                + "    squares[lid.x] = s;\n    broken[lid.x] = bad;\n    workgroupBarrier();\n"
                + "    if (lid.x == 0u) {\n        for (var j = 1u; j < 64u; j++) { s += squares[j]; bad |= broken[j]; }\n"
                + "        statistics[2u * wg.x] = select(bitcast<u32>(sqrt(s)), 0x7fc00000u, bad == 1u);\n"
                + "        statistics[2u * wg.x + 1u] = bad;\n    }\n}\n";
    }
}
