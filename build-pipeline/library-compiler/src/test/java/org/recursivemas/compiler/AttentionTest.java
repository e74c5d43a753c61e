package org.recursivemas.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.recursivemas.compiler.gpu.Gpu;
import org.recursivemas.compiler.gpu.NaiveAttention;
import org.recursivemas.compiler.gpu.Tensor;
import org.recursivemas.library.DType;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.Operand;
import org.recursivemas.library.PlanFunction;

/** Every attention kernel alone, against attention written down plainly, on long contexts. */
class AttentionTest {
    /** Largest difference allowed, relative to the root mean square of what is compared. */
    private static final double TOLERANCE = 3e-5;

    private enum Shape {
        HEAD_16_VERY_LONG(2, 2, 16, 0), HEAD_30_ODD_VECTORS(3, 1, 30, 0), HEAD_64_OF_SEVEN(7, 1, 64, 0),
        HEAD_256_WINDOW(4, 1, 256, 512);

        private final AttentionShape shape;

        Shape(int heads, int kvHeads, int headSize, int window) {
            this.shape = new AttentionShape(heads, kvHeads, headSize, "f32", window);
        }
    }

    private final Random random = new Random(41);

    private float[] gaussians(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return values;
    }

    private static PlanFunction function(String name, AttentionShape shape, List<Launch> launches) {
        return new PlanFunction(name, List.of(PlanFunction.Argument.TENSOR, PlanFunction.Argument.TENSOR,
                PlanFunction.Argument.TENSOR), List.of(DType.FLOAT32, DType.FLOAT32, DType.FLOAT32),
                List.of(new PlanFunction.Output(DType.FLOAT32, List.of(Expr.dim(0, 0),
                        Expr.constant(shape.heads() * shape.headSize())))), PlanFunction.Result.TENSOR,
                List.of(new PlanFunction.Variant(Expr.constant(1), launches)));
    }

    /** Functions of q, keys and values for every kernel that the shape can have. */
    private static LibraryPlan plan(AttentionShape shape) {
        PlanBuilder plan = new PlanBuilder();
        Expr n = Expr.dim(0, 0);
        Operand[] whole = Operands.of().arguments(3).output(0).integer(n).integer(Expr.position()).toArray();
        AttentionKernel small = new AttentionKernel(shape, Scale.SMALL);
        AttentionKernel large = new AttentionKernel(shape, Scale.LARGE);
        Expr heads = Expr.constant(shape.heads());
        plan.function(function("short", shape, List.of(plan.launch(small.single(true), heads, whole))));
        plan.function(function("shared", shape, List.of(plan.launch(large.single(true), heads, whole))));
        plan.function(function("many_small", shape, List.of(plan.launch(small.many(), small.manyGrid(n), whole))));
        plan.function(function("many_large", shape, List.of(plan.launch(large.many(), large.manyGrid(n), whole))));
        SplitAttention split = new SplitAttention(shape);
        Operand partial = plan.scratch(Expr.constant(SplitAttention.partialBytes(shape)));
        Operand stats = plan.scratch(Expr.constant(SplitAttention.statsBytes(shape)));
        plan.function(function("split", shape, List.of(
                plan.launch(split.part(), split.partGrid(), Operands.of().arguments(3).add(partial).add(stats)
                        .integer(Expr.position()).integer(split.partKeys()).toArray()),
                plan.launch(split.combine(), heads, Operands.of().add(partial).add(stats).output(0)
                        .integer(split.parts()).toArray()))));
        return plan.build("{}", 1024, List.of(), List.of());
    }

    /** A case: queries of a call, and positions before it. */
    private record Call(String function, int n, int position) {
    }

    private static List<Call> calls(Shape shape) {
        if (shape == Shape.HEAD_16_VERY_LONG) {
            // As many keys as parts of a block each can hold, and more.
            return List.of(new Call("split", 1, 8191), new Call("split", 1, 8200));
        }
        List<Call> calls = new ArrayList<>();
        for (String function : new String[] {"short", "shared", "split"}) {
            for (int position : new int[] {0, 63, 64, 700}) {
                calls.add(new Call(function, 1, position));
            }
        }
        for (String function : new String[] {"many_small", "many_large"}) {
            for (int[] call : new int[][] {{65, 0}, {33, 127}, {9, 700}}) {
                calls.add(new Call(function, call[0], call[1]));
            }
        }
        return calls;
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void everyKernelAttendsAsThePlainOneDoes(Shape one) {
        AttentionShape shape = one.shape;
        int capacity = calls(one).stream().mapToInt(call -> call.position + call.n).max().orElseThrow();
        int width = shape.kvHeads() * shape.headSize();
        float[] keys = gaussians(capacity * width, 1);
        float[] values = gaussians(capacity * width, 1);
        double worst = 0;
        try (Gpu gpu = new Gpu(plan(shape))) {
            for (Call call : calls(one)) {
                // Scores of a wide range, so that the running maximum moves.
                float[] q = gaussians(call.n * shape.heads() * shape.headSize(), 4 / Math.sqrt(shape.headSize()));
                int used = (call.position + call.n) * width;
                float[] expected = NaiveAttention.attend(q, keys, values, call.n, call.position, shape.heads(),
                        shape.kvHeads(), shape.headSize(), shape.window());
                gpu.position(call.position);
                float[] actual = gpu.call(call.function, Tensor.floats(q, call.n, shape.heads() * shape.headSize()),
                        Tensor.floats(Arrays.copyOf(keys, used), call.position + call.n, width),
                        Tensor.floats(Arrays.copyOf(values, used), call.position + call.n, width))
                        .outputs().get(0).toFloats();
                double error = error(expected, actual);
                assertTrue(error <= TOLERANCE, one + " " + call + ": off by " + error);
                worst = Math.max(worst, error);
            }
        }
        System.out.printf("%s: worst error %.1e%n", one, worst);
    }

    /** NaN if anything is not a number. */
    private static double error(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double squares = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += (double) expected[i] * expected[i];
            worst = Math.max(worst, Math.abs((double) expected[i] - actual[i]));
        }
        return worst / Math.sqrt(squares / expected.length);
    }
}
