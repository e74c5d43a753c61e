package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.recursivemas.compiler.gpu.Gpu;
import org.recursivemas.compiler.gpu.RandomModel;
import org.recursivemas.compiler.gpu.Tensor;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.PlanFunction;

/** Prints what token steps cost on the CPU adapter: milliseconds a call, a kernel, and to compile. Run by hand. */
public final class PlanBenchmark {
    private PlanBenchmark() {
    }

    /** Arguments: quantization, then optionally the number of tokens of the prefill and the position. */
    public static void main(String[] args) {
        Quantization quantization = Quantization.of(args.length > 0 ? args[0] : "q0f32");
        int tokens = args.length > 1 ? Integer.parseInt(args[1]) : 64;
        int position = args.length > 2 ? Integer.parseInt(args[2]) : 128;
        ModelConfig config = new ModelConfig(Architecture.QWEN2, 256, 704, 5, 4, 2, 64, 600, 1024, 1e-6, 1e4, true);
        RandomModel model = new RandomModel(config, quantization, 1);
        LibraryPlan plan = perLaunch(LibraryCompiler.compile(config, quantization, new CompileOptions(1024, 256, 600)));
        long begin = System.nanoTime();
        try (Gpu gpu = new Gpu(plan)) {
            System.out.printf("compiled %d kernels in %d ms%n", plan.kernels().size(), (System.nanoTime() - begin) / 1000000);
            gpu.params(model.stored());
            gpu.newState(1024);
            Tensor one = random(1, config.hiddenSize());
            Tensor many = random(tokens, config.hiddenSize());
            for (PlanFunction function : plan.functions()) {
                if (function.name().startsWith("step_") || function.name().equals("decode")
                        || function.name().equals("decode_last_hidden")) {
                    print(gpu.time(function.name(), position, 50, one), function.name());
                } else if (function.name().startsWith("prefill") || function.name().startsWith("chunk_")) {
                    print(gpu.time(function.name(), position, 5, many), function.name() + " of " + tokens);
                }
            }
            print(gpu.time("softmax_with_temperature", 0, 50, row(600), Tensor.floats(new float[] {0.7f}, 1)), "softmax");
            print(gpu.time("argsort_probs", 0, 50, row(600)), "argsort");
            print(gpu.time("sample_with_top_p", 0, 50, row(600), Tensor.ints(new int[600], 1, 600),
                    Tensor.floats(new float[] {0.5f}, 1), Tensor.ints(new int[] {0}, 1), Tensor.floats(new float[] {1}, 1)),
                    "sample");
        }
        System.exit(0);
    }

    private static void print(Gpu.Timing timing, String what) {
        System.out.printf("%8.3f ms %4d dispatches  %s%n", timing.milliseconds(), timing.dispatches(), what);
    }

    private static Tensor random(int tokens, int width) {
        Random random = new Random(tokens);
        float[] values = new float[tokens * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.floats(values, 1, tokens, width);
    }

    private static Tensor row(int width) {
        float[] values = new float[width];
        java.util.Arrays.fill(values, 1f / width);
        return Tensor.floats(values, 1, width);
    }

    /** The plan, and for every launch of the second layer and the last one a function that repeats it 20 times. */
    private static LibraryPlan perLaunch(LibraryPlan plan) {
        List<PlanFunction> functions = new ArrayList<>(plan.functions());
        PlanFunction prefill = plan.functions().stream().filter(f -> f.name().equals("prefill")).findFirst().orElseThrow();
        for (int variant = 0; variant < 2; variant++) {
            List<Launch> launches = prefill.variants().get(variant).launches();
            for (int i : new int[] {5, 6, 7, 8, 9, launches.size() - 1}) {
                Launch launch = launches.get(i);
                List<Launch> repeated = new ArrayList<>();
                for (int r = 0; r < (variant == 0 ? 20 : 1); r++) {
                    repeated.add(launch);
                }
                functions.add(new PlanFunction((variant == 0 ? "step_" : "chunk_") + plan.kernels().get(launch.kernel()).name(),
                        prefill.arguments(), prefill.tensorTypes(), prefill.outputs(), prefill.result(),
                        List.of(new PlanFunction.Variant(Expr.constant(1), repeated))));
            }
        }
        return new LibraryPlan(plan.metadataJson(), plan.prefillChunkSize(), plan.params(), plan.kernels(),
                plan.kvBytesPerPosition(), plan.scratchBytes(), functions);
    }
}
