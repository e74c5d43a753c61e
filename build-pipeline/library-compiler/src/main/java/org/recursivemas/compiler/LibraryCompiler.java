package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.library.DType;
import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.PlanFunction;
import org.recursivemas.library.PlanFunction.Argument;
import org.recursivemas.library.PlanFunction.Output;
import org.recursivemas.library.PlanFunction.Result;
import org.recursivemas.library.PlanFunction.Variant;

/** Compiles a model's shape and a quantization to the plan of its library. */
public final class LibraryCompiler {
    /** WebLLM asks for buffers of up to 1 GiB, and keeps every parameter in one. */
    public static final long MAX_BUFFER_BYTES = 1L << 30;

    private LibraryCompiler() {
    }

    /**
     * The plan of a library with the functions {@code embed [n] -> [n, d]}, {@code prefill} and {@code decode
     * [1, n, d] -> logits [1, 1, V]}, {@code get_last_hidden} and {@code decode_last_hidden [1, n, d] -> [1, n, d]}, and
     * those between logits and token. Forward functions take any n from 1 to the prefill chunk.
     *
     * @throws IllegalArgumentException if an option does not fit the model, or the model does not fit WebGPU; the message
     *         names what
     */
    public static LibraryPlan compile(ModelConfig config, Quantization quantization, CompileOptions options) {
        return compile(config, quantization, options, Scale.of(config));
    }

    /** The same, with the kernels for models of another size. */
    static LibraryPlan compile(ModelConfig config, Quantization quantization, CompileOptions options, Scale scale) {
        options.check(config);
        ParamTable params = new ParamTable(config, quantization);
        requireBuffers(config, params, quantization, options);
        PlanBuilder plan = new PlanBuilder();
        ForwardPlan forward = new ForwardPlan(config, quantization, options, params, plan, scale);
        plan.function(forward.embed());
        for (String name : new String[] {"prefill", "decode"}) {
            plan.function(forward.logits(name));
        }
        for (String name : new String[] {"get_last_hidden", "decode_last_hidden"}) {
            plan.function(forward.hidden(name));
        }
        sampling(config, options, plan);
        String metadata = Metadata.json(config, quantization, options, params, forward.scratchBytes());
        int kvBytes = config.kvWidth() * quantization.modelType().bytes();
        List<Integer> kv = new ArrayList<>();
        for (int i = 0; i < 2 * config.layers(); i++) {
            kv.add(kvBytes);
        }
        return plan.build(metadata, options.prefillChunk(), params.names(), kv);
    }

    /** A parameter is a buffer, and so are a layer's keys and its values. */
    private static void requireBuffers(ModelConfig config, ParamTable params, Quantization quantization,
            CompileOptions options) {
        long cache = (long) config.kvWidth() * quantization.modelType().bytes() * options.contextWindow();
        if (cache > MAX_BUFFER_BYTES) {
            throw new IllegalArgumentException("context window " + options.contextWindow() + ": a layer's keys have " + cache
                    + " bytes, but a buffer of WebGPU holds at most " + MAX_BUFFER_BYTES + "; use a smaller context window");
        }
        for (ParamTable.Param param : params.params()) {
            if (param.bytes() > MAX_BUFFER_BYTES) {
                throw new IllegalArgumentException("quantization " + quantization.text() + ": parameter " + param.name()
                        + " has " + param.bytes() + " bytes, but a buffer of WebGPU holds at most " + MAX_BUFFER_BYTES
                        + "; use a quantization with fewer bits");
            }
        }
    }

    private static void sampling(ModelConfig config, CompileOptions options, PlanBuilder plan) {
        int vocabulary = config.vocabSize();
        SamplingKernels kernels = new SamplingKernels(vocabulary, options.activeVocabSize());
        Expr one = Expr.constant(1);
        Expr vocabularyExtent = Expr.constant(vocabulary);
        function(plan, "softmax_with_temperature", List.of(DType.FLOAT32, DType.FLOAT32),
                List.of(new Output(DType.FLOAT32, List.of(one, one, vocabularyExtent))), Result.TENSOR,
                List.of(plan.launch(kernels.softmax(), one, Operands.of().arguments(2).output(0).offset(0, 4).offset(1, 4)
                        .toArray())));
        function(plan, "argsort_probs", List.of(DType.FLOAT32),
                List.of(new Output(DType.FLOAT32, List.of(one, vocabularyExtent)),
                        new Output(DType.INT32, List.of(one, vocabularyExtent))), Result.ARRAY,
                new SortKernels(vocabulary).launches(plan));
        Expr samples = Expr.dim(3, 0);
        function(plan, "sample_with_top_p",
                List.of(DType.FLOAT32, DType.INT32, DType.FLOAT32, DType.INT32, DType.FLOAT32),
                List.of(new Output(DType.INT32, List.of(samples))), Result.TENSOR,
                List.of(plan.launch(kernels.sampleTopP(), samples, Operands.of().arguments(5).output(0)
                        .offset(0, 4).offset(1, 4).offset(2, 4).offset(3, 4).offset(4, 4).toArray())));
        int perWorkgroup = SamplingKernels.elementsPerWorkgroup();
        Expr sequences = Expr.dim(1, 0);
        function(plan, "apply_bitmask_inplace", List.of(DType.FLOAT32, DType.INT32, DType.INT32), List.of(), Result.NONE,
                List.of(plan.launch(kernels.bitmask(), sequences.times(vocabulary).ceilDividedBy(perWorkgroup),
                        Operands.of().arguments(3).integer(sequences).offset(0, 4).offset(1, 4).offset(2, 4).toArray())));
        Expr penalized = Expr.dim(3, 0);
        function(plan, "apply_penalty_inplace",
                List.of(DType.FLOAT32, DType.INT32, DType.INT32, DType.INT32, DType.INT32, DType.FLOAT32), List.of(),
                Result.NONE, List.of(plan.launch(kernels.penalty(), penalized.ceilDividedBy(perWorkgroup),
                        Operands.of().arguments(6).integer(penalized).offset(0, 4).offset(1, 4).offset(2, 4).offset(3, 4)
                                .offset(4, 4).offset(5, 4).toArray())));
        Expr biased = Expr.dim(2, 0);
        function(plan, "apply_logit_bias_inplace", List.of(DType.FLOAT32, DType.INT32, DType.INT32, DType.FLOAT32), List.of(),
                Result.NONE, List.of(plan.launch(kernels.logitBias(), biased.ceilDividedBy(perWorkgroup),
                        Operands.of().arguments(4).integer(biased).offset(0, 4).offset(1, 4).offset(2, 4).offset(3, 4)
                                .toArray())));
    }

    private static void function(PlanBuilder plan, String name, List<DType> tensors, List<Output> outputs, Result result,
            List<org.recursivemas.library.Launch> launches) {
        List<Argument> arguments = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            arguments.add(Argument.TENSOR);
        }
        plan.function(new PlanFunction(name, arguments, tensors, outputs, result,
                List.of(new Variant(Expr.constant(1), launches))));
    }
}
