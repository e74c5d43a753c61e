package org.recursivemas.compiler;

import org.recursivemas.library.LibraryPlan;

/**
 * Kernels between logits and the chosen token. All work in float32 on rows of the vocabulary; every tensor comes with an
 * offset scalar in elements, because inputs are often views.
 */
final class SamplingKernels {
    private final int vocabulary;
    private final int active;
    private final int workgroup;

    /**
     * @param vocabulary V
     * @param active ids from this one on get probability 0
     */
    SamplingKernels(int vocabulary, int active) {
        this.vocabulary = vocabulary;
        this.active = active;
        this.workgroup = vocabulary <= 4096 ? 32 : 256;
    }

    private KernelSource open(String name) {
        return new KernelSource(name).constant("V", vocabulary).constant("W", workgroup);
    }

    /** Rounds of a tree reduction over {@code tree[t]} with {@code op}, result in {@code tree[0]}. */
    private static final String FOLD = """
                for (var half = W / 2u; half > 0u; half /= 2u) {
                    workgroupBarrier();
                    if (t < half) { tree[t] = OP(tree[t], tree[t + half]); }
                }
                workgroupBarrier();
            """;

    private static String fold(String op) {
        return FOLD.replace("OP", op);
    }

    /**
     * Probabilities of a row a workgroup. Buffers: logits, temperature, y. Scalars: logits_offset, temperature_offset.
     * At a temperature of at most 1e-5 the maxima share the probability evenly.
     */
    LibraryPlan.Kernel softmax() {
        return open("softmax_with_temperature").read("logits", "f32").read("temperature", "f32").write("y", "f32")
                .scalar("logits_offset").scalar("temperature_offset").constant("ACTIVE", active)
                .declare("var<workgroup> tree : array<f32, " + workgroup + ">;")
                .declare("fn add(a : f32, b : f32) -> f32 { return a + b; }")
                .build(workgroup, """
                        let row = p.logits_offset + block * V;
                        let heat = temperature[p.temperature_offset + block];
                        let greedy = !(heat > 1e-5f);
                        var highest = logits[row];
                        for (var i = t; i < ACTIVE; i += W) { highest = max(highest, logits[row + i]); }
                        tree[t] = highest;
                        """ + fold("max") + """
                        highest = tree[0];
                        workgroupBarrier();
                        var sum = 0.0;
                        for (var i = t; i < ACTIVE; i += W) {
                            let v = logits[row + i];
                            var e = select(0.0, 1.0, v == highest);
                            if (!greedy) { e = exp((v - highest) / heat); }
                            sum += e;
                        }
                        tree[t] = sum;
                        """ + fold("add") + """
                        sum = tree[0];
                        for (var i = t; i < V; i += W) {
                            var e = 0.0;
                            if (i < ACTIVE) {
                                let v = logits[row + i];
                                e = select(0.0, 1.0, v == highest);
                                if (!greedy) { e = exp((v - highest) / heat); }
                            }
                            y[block * V + i] = e / sum;
                        }
                        """);
    }

    /**
     * The token whose part of the running sum holds the random number. Buffers: probabilities (sorted), ids, uniform,
     * indices, top_p, y. Scalars: an offset for each input, in this order. One workgroup a sample.
     *
     * <p>The running sum c is built in two levels: the workgroup's invocations sum a run of neighbours each, one invocation
     * adds those up, and only the run that holds the answer is walked. It never decreases, and does not depend on timing.
     */
    LibraryPlan.Kernel sampleTopP() {
        return open("sample_with_top_p").read("probabilities", "f32").read("ids", "i32").read("uniform_number", "f32")
                .read("indices", "i32").read("top_p", "f32").write("y", "i32")
                .scalar("probabilities_offset").scalar("ids_offset").scalar("uniform_offset").scalar("indices_offset")
                .scalar("top_p_offset")
                .constant("RUN", (vocabulary + workgroup - 1) / workgroup)
                .declare("var<workgroup> before : array<f32, " + (workgroup + 1) + ">;")
                .build(workgroup, """
                        let row = u32(indices[p.indices_offset + block]) * V;
                        let first = p.probabilities_offset + row;
                        var sum = 0.0;
                        for (var i = t * RUN; i < min((t + 1u) * RUN, V); i++) { sum += probabilities[first + i]; }
                        before[t + 1u] = sum;
                        workgroupBarrier();
                        if (t > 0u) { return; }
                        before[0] = 0.0;
                        for (var r = 1u; r <= W; r++) { before[r] += before[r - 1u]; }
                        // R: the first running sum that reaches top_p, or the last one.
                        let limit = top_p[p.top_p_offset + block];
                        var run = 0u;
                        while (run + 1u < W && before[run + 1u] < limit) { run++; }
                        var total = before[run];
                        var part = 0.0;
                        for (var i = run * RUN; i < min((run + 1u) * RUN, V); i++) {
                            part += probabilities[first + i];
                            total = before[run] + part;
                            if (total >= limit) { break; }
                        }
                        // The first token with u < c / R, or the last one.
                        let u = uniform_number[p.uniform_offset + block];
                        run = 0u;
                        while (run + 1u < W && !(u < before[run + 1u] / total)) { run++; }
                        part = 0.0;
                        var chosen = V - 1u;
                        for (var i = run * RUN; i < min((run + 1u) * RUN, V); i++) {
                            part += probabilities[first + i];
                            if (u < (before[run] + part) / total) {
                                chosen = i;
                                break;
                            }
                        }
                        y[block] = ids[p.ids_offset + row + chosen];
                        """);
    }

    /** Invocations of the kernels below that each treat one element. */
    static int elementsPerWorkgroup() {
        return 64;
    }

    /**
     * Forbidden tokens get the lowest finite logit. Buffers: logits (changed), sequences, mask. Scalars: count
     * (sequences), logits_offset, sequences_offset, mask_offset.
     */
    LibraryPlan.Kernel bitmask() {
        return open("apply_bitmask").write("logits", "f32").read("sequences", "i32").read("mask", "i32")
                .scalar("count").scalar("logits_offset").scalar("sequences_offset").scalar("mask_offset")
                .constant("WORDS", (vocabulary + 31) / 32)
                .build(elementsPerWorkgroup(), """
                        let i = block * 64u + t;
                        if (i >= p.count * V) { return; }
                        let row = u32(sequences[p.sequences_offset + i / V]);
                        let token = i % V;
                        let word = u32(mask[p.mask_offset + row * WORDS + token / 32u]);
                        if (((word >> (token % 32u)) & 1u) == 0u) {
                            logits[p.logits_offset + row * V + token] = -0x1.fffffep+127f;
                        }
                        """);
    }

    /**
     * Presence, frequency and repetition penalties. Buffers: logits (changed), sequences, positions, tokens, counts,
     * penalties {@code [s, 3]}. Scalars: m, then an offset for each buffer.
     */
    LibraryPlan.Kernel penalty() {
        return open("apply_penalty").write("logits", "f32").read("sequences", "i32").read("positions", "i32")
                .read("tokens", "i32").read("counts", "i32").read("penalties", "f32")
                .scalar("m").scalar("logits_offset").scalar("sequences_offset").scalar("positions_offset")
                .scalar("tokens_offset").scalar("counts_offset").scalar("penalties_offset")
                .build(elementsPerWorkgroup(), """
                        let i = block * 64u + t;
                        if (i >= p.m) { return; }
                        let position = u32(positions[p.positions_offset + i]);
                        let row = u32(sequences[p.sequences_offset + position]);
                        let at = p.logits_offset + row * V + u32(tokens[p.tokens_offset + i]);
                        let own = p.penalties_offset + 3u * position;
                        var v = logits[at] - penalties[own] - f32(counts[p.counts_offset + i]) * penalties[own + 1u];
                        if (v < 0.0) { v *= penalties[own + 2u]; } else { v /= penalties[own + 2u]; }
                        logits[at] = v;
                        """);
    }

    /**
     * Adds a bias to chosen tokens. Buffers: logits (changed), positions, tokens, bias. Scalars: m, then an offset for each
     * buffer.
     */
    LibraryPlan.Kernel logitBias() {
        return open("apply_logit_bias").write("logits", "f32").read("positions", "i32").read("tokens", "i32")
                .read("bias", "f32")
                .scalar("m").scalar("logits_offset").scalar("positions_offset").scalar("tokens_offset").scalar("bias_offset")
                .build(elementsPerWorkgroup(), """
                        let i = block * 64u + t;
                        if (i >= p.m) { return; }
                        let row = u32(positions[p.positions_offset + i]);
                        let at = p.logits_offset + row * V + u32(tokens[p.tokens_offset + i]);
                        logits[at] += bias[p.bias_offset + i];
                        """);
    }
}
