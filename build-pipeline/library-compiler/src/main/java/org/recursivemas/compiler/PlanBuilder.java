package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.Operand;
import org.recursivemas.library.PlanFunction;

/** Collects kernels, scratch buffers and functions; kernels of the same name must have the same text. */
final class PlanBuilder {
    private final Map<String, Integer> kernelIndex = new LinkedHashMap<>();
    private final List<LibraryPlan.Kernel> kernels = new ArrayList<>();
    private final List<Expr> scratch = new ArrayList<>();
    private final List<PlanFunction> functions = new ArrayList<>();

    /** Adds the kernel unless it is there already; returns its index. */
    int kernel(LibraryPlan.Kernel kernel) {
        Integer known = kernelIndex.get(kernel.name());
        if (known != null) {
            if (!kernels.get(known).wgsl().equals(kernel.wgsl())) {
                throw new IllegalStateException("two kernels named " + kernel.name());
            }
            return known;
        }
        kernels.add(kernel);
        kernelIndex.put(kernel.name(), kernels.size() - 1);
        return kernels.size() - 1;
    }

    /** A launch of the kernel on {@code grid} workgroups. */
    Launch launch(LibraryPlan.Kernel kernel, Expr grid, Operand... operands) {
        return new Launch(kernel(kernel), List.of(operands), grid, null);
    }

    /** A scratch buffer of that many bytes. */
    Operand scratch(Expr bytes) {
        scratch.add(bytes);
        return Operand.scratch(scratch.size() - 1);
    }

    void function(PlanFunction function) {
        functions.add(function);
    }

    LibraryPlan build(String metadataJson, int prefillChunk, List<String> params, List<Integer> kvBytesPerPosition) {
        return new LibraryPlan(metadataJson, prefillChunk, params, kernels, kvBytesPerPosition, scratch, functions);
    }
}
