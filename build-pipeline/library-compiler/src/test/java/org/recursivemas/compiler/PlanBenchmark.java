package org.recursivemas.compiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        try (Gpu gpu = new Gpu(plan)) {
            long begin = System.nanoTime();
            long cpu = gpuProcessMilliseconds();
            gpu.compile();
            System.out.printf("compiled %d kernels in %d ms, %d ms of processor time%n", plan.kernels().size(),
                    (System.nanoTime() - begin) / 1000000, gpuProcessMilliseconds() - cpu);
            gpu.params(model.stored());
            gpu.newState(1024);
            Tensor one = random(1, config.hiddenSize());
            Tensor many = random(tokens, config.hiddenSize());
            for (PlanFunction function : plan.functions()) {
                if (function.name().startsWith("step_") || function.name().equals("decode")
                        || function.name().equals("decode_last_hidden")) {
                    time(gpu, function.name(), function.name(), position, 50, one);
                } else if (function.name().startsWith("prefill") || function.name().startsWith("chunk_")) {
                    time(gpu, function.name() + " of " + tokens, function.name(), position, 5, many);
                }
            }
            time(gpu, "softmax", "softmax_with_temperature", 0, 50, row(600), Tensor.floats(new float[] {0.7f}, 1));
            time(gpu, "argsort", "argsort_probs", 0, 50, row(600));
            time(gpu, "sample", "sample_with_top_p", 0, 50, row(600), Tensor.ints(new int[600], 1, 600),
                    Tensor.floats(new float[] {0.5f}, 1), Tensor.ints(new int[] {0}, 1), Tensor.floats(new float[] {1}, 1));
        }
        System.exit(0);
    }

    /** Times a call; processor time of the GPU process, unlike the clock, does not suffer from a busy machine. */
    private static void time(Gpu gpu, String what, String function, int position, int repetitions, Tensor... tensors) {
        long before = gpuProcessMilliseconds();
        Gpu.Timing timing = gpu.time(function, position, repetitions, tensors);
        double cpu = (gpuProcessMilliseconds() - before) / (3.0 + 3 * repetitions);
        System.out.printf("%9.3f ms, %9.3f ms of processor time, %3d dispatches: %s%n", timing.milliseconds(), cpu,
                timing.dispatches(), what);
    }

    /** User and system time of Chromium's GPU processes started below this one. */
    private static long gpuProcessMilliseconds() {
        return ProcessHandle.current().descendants().mapToLong(process -> {
            try {
                String command = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
                if (!command.contains("--type=gpu-process")) {
                    return 0;
                }
                String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                return 10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
            } catch (IOException e) {
                return 0;
            }
        }).sum();
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
        for (int variant = 0; variant < 3; variant += 2) {
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
