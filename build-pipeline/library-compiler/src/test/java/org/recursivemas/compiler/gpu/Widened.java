package org.recursivemas.compiler.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.library.DType;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.PlanFunction;

/**
 * A float16 plan with every half stored as a float32, for an adapter without halves: everything but the storage type is
 * checked, on values that are exact halves. Inputs must not have a byte offset.
 */
public final class Widened {
    private Widened() {
    }

    public static LibraryPlan plan(LibraryPlan plan) {
        List<LibraryPlan.Kernel> kernels = new ArrayList<>();
        for (LibraryPlan.Kernel kernel : plan.kernels()) {
            kernels.add(new LibraryPlan.Kernel(kernel.name(), kernel.finfoJson(),
                    kernel.wgsl().replace("enable f16;\n", "").replace("f16", "f32")));
        }
        List<Integer> kv = plan.kvBytesPerPosition().stream().map(bytes -> 2 * bytes).toList();
        List<PlanFunction> functions = new ArrayList<>();
        for (PlanFunction f : plan.functions()) {
            List<PlanFunction.Output> outputs = f.outputs().stream()
                    .map(o -> new PlanFunction.Output(wide(o.dtype()), o.shape())).toList();
            functions.add(new PlanFunction(f.name(), f.arguments(), f.tensorTypes().stream().map(Widened::wide).toList(), outputs,
                    f.result(), f.variants()));
        }
        return new LibraryPlan(plan.metadataJson(), plan.prefillChunkSize(), plan.params(), kernels, kv, plan.scratchBytes(),
                functions);
    }

    private static DType wide(DType dtype) {
        return dtype == DType.FLOAT16 ? DType.FLOAT32 : dtype;
    }

    /** Parameters of the model with halves as floats. */
    public static List<byte[]> params(ParamTable table, RandomModel model) {
        List<byte[]> wide = new ArrayList<>();
        for (int i = 0; i < table.params().size(); i++) {
            byte[] stored = model.stored().get(i);
            if (table.params().get(i).dtype() != DType.FLOAT16) {
                wide.add(stored);
                continue;
            }
            ByteBuffer halves = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer floats = ByteBuffer.allocate(2 * stored.length).order(ByteOrder.LITTLE_ENDIAN);
            while (halves.hasRemaining()) {
                floats.putFloat(Half.toFloat(halves.getShort()));
            }
            wide.add(floats.array());
        }
        return wide;
    }
}
