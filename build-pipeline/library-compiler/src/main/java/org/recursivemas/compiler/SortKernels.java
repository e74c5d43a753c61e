package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.Operand;

/**
 * Sorts one row of probabilities, highest first, equal ones by ascending id. Small vocabularies in one launch: every
 * element counts how many stand before it. Larger ones by merging: runs of 2,048 are sorted in workgroup memory, then
 * pairs of runs are merged by binary search until one is left.
 */
final class SortKernels {
    private static final int COUNTING_LIMIT = 1024;
    private static final int RUN = 2048;
    private static final int SORT_WORKGROUP = 256;
    private static final int MERGE_WORKGROUP = 64;
    private static final int COUNT_WORKGROUP = 32;

    /** Floats to integers of the same order, and back, so that every pair of values compares, NaN included. */
    private static final String KEYS = """
            fn key_of(v : f32) -> u32 {
                let bits = bitcast<u32>(v);
                return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
            }
            fn value_of(key : u32) -> f32 {
                return bitcast<f32>(select(~key, key & 0x7fffffffu, (key >> 31u) == 1u));
            }
            """;

    private final int vocabulary;

    SortKernels(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Launches that sort argument 0 into outputs 0 (values) and 1 (ids). */
    List<Launch> launches(PlanBuilder plan) {
        Operand offset = Operand.integer(Expr.offset(0).dividedBy(4));
        List<Launch> launches = new ArrayList<>();
        if (vocabulary <= COUNTING_LIMIT) {
            launches.add(plan.launch(count(), grid(vocabulary, 4 * COUNT_WORKGROUP), Operand.argument(0), Operand.output(0),
                    Operand.output(1), offset));
            return launches;
        }
        int levels = 0;
        while ((long) RUN << levels < vocabulary) {
            levels++;
        }
        Expr bytes = Expr.constant(4 * vocabulary);
        Operand[] keys = {plan.scratch(bytes), plan.scratch(bytes)};
        Operand[] ids = {plan.scratch(bytes), plan.scratch(bytes)};
        if (levels == 0) {
            launches.add(plan.launch(sortRuns(true), Expr.constant(1), Operand.argument(0), Operand.output(0),
                    Operand.output(1), offset));
            return launches;
        }
        launches.add(plan.launch(sortRuns(false), grid(vocabulary, RUN), Operand.argument(0), keys[0], ids[0], offset));
        for (int level = 0; level < levels; level++) {
            boolean last = level == levels - 1;
            int source = level % 2;
            launches.add(plan.launch(merge(last), grid(vocabulary, MERGE_WORKGROUP), keys[source], ids[source],
                    last ? Operand.output(0) : keys[1 - source], last ? Operand.output(1) : ids[1 - source],
                    Operand.integer(Expr.constant(RUN << level))));
        }
        return launches;
    }

    private static Expr grid(int elements, int perWorkgroup) {
        return Expr.constant((elements + perWorkgroup - 1) / perWorkgroup);
    }

    private LibraryPlan.Kernel count() {
        return new KernelSource("argsort_count").read("x", "f32").write("sorted", "f32").write("ids", "i32")
                .scalar("x_offset").constant("V", vocabulary).declare(KEYS)
                .build(COUNT_WORKGROUP, """
                        let first = (block * 32u + t) * 4u;
                        if (first >= V) { return; }
                        let id = vec4u(first, first + 1u, first + 2u, first + 3u);
                        let at = min(id, vec4u(V - 1u)) + p.x_offset;
                        let v = vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
                        let own = vec4u(key_of(v.x), key_of(v.y), key_of(v.z), key_of(v.w));
                        var place = vec4u(0u);
                        for (var i = 0u; i < V; i++) {
                            let key = vec4u(key_of(x[p.x_offset + i]));
                            place += select(vec4u(0u), vec4u(1u), (key > own) | ((key == own) & (vec4u(i) < id)));
                        }
                        for (var j = 0u; j < min(4u, V - first); j++) {
                            sorted[place[j]] = v[j];
                            ids[place[j]] = i32(id[j]);
                        }
                        """);
    }

    /** Bitonic sort of a run in workgroup memory. Past the end: key 0 and an id above all others, so last. */
    private LibraryPlan.Kernel sortRuns(boolean last) {
        KernelSource kernel = new KernelSource(last ? "argsort_run_last" : "argsort_run").read("x", "f32");
        results(kernel, last).scalar("x_offset").constant("V", vocabulary).constant("RUN", RUN).constant("W", SORT_WORKGROUP)
                .declare(KEYS)
                .declare("var<workgroup> key : array<u32, " + RUN + ">;\nvar<workgroup> id : array<u32, " + RUN + ">;");
        return kernel.build(SORT_WORKGROUP, """
                let first = block * RUN;
                for (var i = t; i < RUN; i += W) {
                    var k = 0u;
                    if (first + i < V) { k = key_of(x[p.x_offset + first + i]); }
                    key[i] = k;
                    id[i] = first + i;
                }
                for (var size = 2u; size <= RUN; size *= 2u) {
                    for (var step = size / 2u; step > 0u; step /= 2u) {
                        workgroupBarrier();
                        for (var j = t; j < RUN / 2u; j += W) {
                            let a = (j / step) * (2u * step) + j % step;
                            let b = a + step;
                            let ordered = key[a] > key[b] || (key[a] == key[b] && id[a] < id[b]);
                            if (ordered != ((a & size) == 0u)) {
                                let k = key[a];
                                key[a] = key[b];
                                key[b] = k;
                                let n = id[a];
                                id[a] = id[b];
                                id[b] = n;
                            }
                        }
                    }
                }
                workgroupBarrier();
                for (var i = t; i < RUN; i += W) {
                    if (first + i < V) { put(first + i, key[i], id[i]); }
                }
                """);
    }

    /** Declares {@code put(place, key, id)}: to scratch as they are, or to the results as value and id. */
    private static KernelSource results(KernelSource kernel, boolean last) {
        kernel.write("out_keys", last ? "f32" : "u32").write("out_ids", last ? "i32" : "u32");
        return kernel.declare(last
                ? "fn put(place : u32, k : u32, n : u32) {\n    out_keys[place] = value_of(k);\n    out_ids[place] = i32(n);\n}"
                : "fn put(place : u32, k : u32, n : u32) {\n    out_keys[place] = k;\n    out_ids[place] = n;\n}");
    }

    /**
     * Merges neighbouring runs of {@code p.run} elements: an element's place is its own in its run plus the number of the
     * neighbour's elements before it. Ids of the left run are all smaller, so equal keys go left first.
     */
    private LibraryPlan.Kernel merge(boolean last) {
        KernelSource kernel = new KernelSource(last ? "argsort_merge_last" : "argsort_merge").read("keys", "u32")
                .read("ids", "u32");
        results(kernel, last).scalar("run").constant("V", vocabulary).declare(KEYS);
        return kernel.build(MERGE_WORKGROUP, """
                let i = block * 64u + t;
                if (i >= V) { return; }
                let own = keys[i];
                let run = i / p.run;
                let left = (run & 1u) == 0u;
                let first = select(run - 1u, run + 1u, left) * p.run;
                let pair = (run / 2u) * 2u * p.run;
                var low = min(first, V);
                var high = min(first + p.run, V);
                let begin = low;
                while (low < high) {
                    let middle = (low + high) / 2u;
                    let before = select(keys[middle] >= own, keys[middle] > own, left);
                    if (before) { low = middle + 1u; } else { high = middle; }
                }
                put(pair + (i - run * p.run) + (low - begin), own, ids[i]);
                """);
    }
}
