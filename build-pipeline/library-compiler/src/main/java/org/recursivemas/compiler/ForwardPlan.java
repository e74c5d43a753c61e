package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.library.DType;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.Operand;
import org.recursivemas.library.PlanFunction;
import org.recursivemas.library.PlanFunction.Argument;
import org.recursivemas.library.PlanFunction.Output;
import org.recursivemas.library.PlanFunction.Result;
import org.recursivemas.library.PlanFunction.Variant;

/**
 * Launches of a forward pass: five a layer (norm + queries, keys, values + rotary embedding + cache; attention; output
 * projection + residual; norm + gate and up + activation; down projection + residual), then norm + logits of the last
 * position, or the norm of all positions. Residuals between launches are float32 in every scheme.
 *
 * <p>A norm needs whole rows, so what is normed behind a product takes more: norms of query and key heads a launch (with the
 * rotary embedding and the cache). Norms behind attention and feed-forward part take a launch each for many tokens; in a
 * token step they are part of the next product, which adds the residual on its way in ({@link MatrixProduct.NormedSum}).
 * One token after many positions of a large model takes two launches for attention ({@link SplitAttention}).
 */
final class ForwardPlan {
    /** Variants of a forward, in the order in which they are tried: one token after a short or any context, many tokens. */
    private enum Mode { ONE_AFTER_FEW, ONE_AFTER_MANY, MANY }

    private static final Expr ONE = Expr.constant(1);
    /** Rows of {@link #stream}. */
    private static final int PRODUCT = 0;
    private static final int AFTER_ATTENTION = 1;
    private static final int AFTER_LAYER = 2;
    private static final MatrixProduct.Inputs SCRATCH = new MatrixProduct.Inputs("f32", false);

    private final ModelConfig config;
    private final Quantization quantization;
    private final ParamTable params;
    private final PlanBuilder plan;
    private final Scale scale;
    private final String type;
    private final int typeBytes;
    private final Expr n = Expr.dim(0, 1);
    private final Operand position = Operand.integer(Expr.position());
    private final Operand offset;
    private final long scratchBytes;

    /** Residual stream after attention and after the whole layer, each {@code [n, d]}. */
    private final Operand afterAttention;
    private final Operand afterLayer;
    /** Queries, then attention's result: {@code [n, heads * D]} each. */
    private final Operand queries;
    private final Operand attended;
    /** {@code [n, intermediate]}. */
    private final Operand activated;
    /** Products that are normed before they are used, {@code [n, projectedWidth]}; null if the model has none. */
    private final Operand projected;
    /**
     * A token step's product to be normed, and residual streams, {@code [3, d]}: one buffer for kernels that add the first
     * to the others on their way in. Null without sandwich norms.
     */
    private final Operand stream;
    /** Of {@link SplitAttention}; null where a token step's attention is one launch. */
    private final Operand partial;
    private final Operand stats;

    ForwardPlan(ModelConfig config, Quantization quantization, CompileOptions options, ParamTable params, PlanBuilder plan,
            Scale scale) {
        this.scale = scale;
        this.config = config;
        this.quantization = quantization;
        this.params = params;
        this.plan = plan;
        this.type = quantization.modelType() == DType.FLOAT16 ? "f16" : "f32";
        this.typeBytes = quantization.modelType().bytes();
        this.offset = Operand.integer(Expr.offset(0).dividedBy(typeBytes));
        int chunk = options.prefillChunk();
        int projectedWidth = Math.max(separateHeads() ? config.attentionRows() : 0,
                config.architecture().sandwichNorms() ? config.hiddenSize() : 0);
        this.scratchBytes = 4L * chunk * (2L * config.hiddenSize() + 2L * config.attentionWidth() + config.intermediateSize()
                + projectedWidth) + (AttentionKernel.splits(scale)
                        ? SplitAttention.partialBytes(shape(0)) + SplitAttention.statsBytes(shape(0)) : 0);
        this.afterAttention = scratch(chunk, config.hiddenSize());
        this.afterLayer = scratch(chunk, config.hiddenSize());
        this.queries = scratch(chunk, config.attentionWidth());
        this.attended = scratch(chunk, config.attentionWidth());
        this.activated = scratch(chunk, config.intermediateSize());
        this.projected = projectedWidth == 0 ? null : scratch(chunk, projectedWidth);
        this.stream = config.architecture().sandwichNorms() ? scratch(3, config.hiddenSize()) : null;
        boolean splits = AttentionKernel.splits(scale);
        this.partial = splits ? plan.scratch(Expr.constant(SplitAttention.partialBytes(shape(0)))) : null;
        this.stats = splits ? plan.scratch(Expr.constant(SplitAttention.statsBytes(shape(0)))) : null;
    }

    /** Whether queries, keys and values have a launch between their products and the attention. */
    private boolean separateHeads() {
        return config.architecture().qkNorm() || config.architecture().fusedAttention() == null;
    }

    private String topModule(String name) {
        return config.architecture().paramPrefix() + "model." + name;
    }

    private RowKernels rowKernels() {
        return new RowKernels(config, type, quantization.quantized(), scale);
    }

    private Operand scratch(int tokens, int width) {
        long bytes = 4L * tokens * width;
        if (bytes > 1L << 30) {
            throw new IllegalArgumentException("prefill chunk " + tokens + ": needs a buffer of " + bytes
                    + " bytes for a width of " + width + "; the limit is 1 GiB, use a smaller chunk");
        }
        return plan.scratch(Expr.constant((int) bytes));
    }

    /** Bytes of intermediates on the GPU. */
    long scratchBytes() {
        return scratchBytes;
    }

    /** {@code embed(ids int32 [n], params) -> [n, d]}. */
    PlanFunction embed() {
        Expr tokens = Expr.dim(0, 0);
        LibraryPlan.Kernel kernel = rowKernels().embed();
        Operand[] operands = Operands.of().arguments(1).weight(params.weight(topModule("embed_tokens"))).output(0).integer(tokens)
                .offset(0, 4).toArray();
        Launch launch = plan.launch(kernel, tokens.times(config.hiddenSize()).ceilDividedBy(RowKernels.elementsPerWorkgroup()),
                operands);
        return new PlanFunction("embed", List.of(Argument.TENSOR, Argument.PARAMS), List.of(DType.INT32),
                List.of(new Output(quantization.modelType(), List.of(tokens, Expr.constant(config.hiddenSize())))),
                Result.TENSOR, List.of(new Variant(ONE, List.of(launch))));
    }

    /** {@code name(input_embed [1, n, d], state, params) -> (logits float32 [1, 1, V] of the last position, state)}. */
    PlanFunction logits(String name) {
        Output output = new Output(DType.FLOAT32, List.of(ONE, ONE, Expr.constant(config.vocabSize())));
        List<Variant> variants = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            List<Launch> launches = layers(mode);
            MatrixProduct kernels = linear(config.hiddenSize(), SCRATCH, Epilogue.logits(config.vocabSize()));
            Operands operands = Operands.of().add(afterLayer).param(params.indexOf(topModule("norm.weight")))
                    .weight(params.weight(config.tiedEmbeddings() ? topModule("embed_tokens") : "lm_head")).output(0)
                    .integer(Expr.binary(Expr.Op.SUB, n, ONE));
            launches.add(plan.launch(kernels.vector(), Expr.constant(kernels.vectorGrid()), operands.toArray()));
            variants.add(variant(mode, launches));
        }
        return forward(name, output, variants);
    }

    /** {@code name(input_embed [1, n, d], state, params) -> (hidden [1, n, d] after the last norm, state)}. */
    PlanFunction hidden(String name) {
        Output output = new Output(quantization.modelType(), List.of(ONE, n, Expr.constant(config.hiddenSize())));
        LibraryPlan.Kernel kernel = rowKernels().norm();
        List<Variant> variants = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            List<Launch> launches = layers(mode);
            launches.add(plan.launch(kernel, n, Operands.of().add(afterLayer).param(params.indexOf(topModule("norm.weight")))
                    .output(0).toArray()));
            variants.add(variant(mode, launches));
        }
        return forward(name, output, variants);
    }

    private Variant variant(Mode mode, List<Launch> launches) {
        Expr one = Expr.binary(Expr.Op.EQ, n, ONE);
        Expr few = Expr.binary(Expr.Op.LE, Expr.position(), Expr.constant(AttentionKernel.fewPositions(scale)));
        return switch (mode) {
            case ONE_AFTER_FEW -> new Variant(Expr.binary(Expr.Op.MUL, one, few), launches);
            case ONE_AFTER_MANY -> new Variant(one, launches);
            case MANY -> new Variant(ONE, launches);
        };
    }

    private PlanFunction forward(String name, Output output, List<Variant> variants) {
        return new PlanFunction(name, List.of(Argument.TENSOR, Argument.STATE, Argument.PARAMS),
                List.of(quantization.modelType()), List.of(output), Result.ARRAY_WITH_STATE, variants);
    }

    private MatrixProduct linear(int columns, MatrixProduct.Inputs inputs, Epilogue epilogue) {
        return MatrixProduct.of(columns, quantization.quantized(), type, (float) config.rmsNormEps(), inputs, epilogue,
                scale);
    }

    private List<Launch> layers(Mode mode) {
        List<Launch> launches = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layer(layer, mode, launches);
        }
        if (sumsOnTheWay(mode != Mode.MANY)) {
            String norm = config.layerPrefix(config.layers() - 1) + "post_feedforward_layernorm.weight";
            launches.add(plan.launch(rowKernels().addNorm("f32", true), n, Operands.of().add(stream)
                    .param(params.indexOf(norm)).add(stream).add(afterLayer)
                    .integer(Expr.constant(AFTER_ATTENTION * config.hiddenSize())).toArray()));
        }
        return launches;
    }

    private void layer(int layer, Mode mode, List<Launch> launches) {
        boolean single = mode != Mode.MANY;
        boolean first = layer == 0;
        Operand input = first ? Operand.argument(0) : afterLayer;
        String prefix = config.layerPrefix(layer);
        if (separateHeads()) {
            separateHeads(layer, single, launches);
        } else {
            fusedHeads(layer, single, launches);
        }

        attention(layer, mode, launches);

        if (sumsOnTheWay(single)) {
            feedForwardOfSums(layer, launches);
            return;
        }
        residual(prefix, "self_attn.o_proj", "attention_output", config.attentionWidth(), attended, input, first,
                "post_attention_layernorm", afterAttention, single, launches);

        String norm = config.architecture().sandwichNorms() ? "pre_feedforward_layernorm" : "post_attention_layernorm";
        Operands gateUp = Operands.of().add(afterAttention).param(params.indexOf(prefix + norm + ".weight"))
                .weight(params.weight(prefix + "mlp.gate_up_proj")).add(activated);
        launches.add(product(linear(config.hiddenSize(), SCRATCH,
                Epilogue.gateUp(config.intermediateSize(), config.activation())), single, gateUp, false));

        residual(prefix, "mlp.down_proj", "down", config.intermediateSize(), activated, afterAttention, false,
                "post_feedforward_layernorm", afterLayer, single, launches);
    }

    private AttentionShape shape(int layer) {
        return AttentionShape.of(config, type, config.window(layer));
    }

    private void attention(int layer, Mode mode, List<Launch> launches) {
        AttentionShape shape = shape(layer);
        Operands operands = Operands.of().add(queries).kv(2 * layer).kv(2 * layer + 1);
        if (mode == Mode.ONE_AFTER_MANY && AttentionKernel.splits(scale)) {
            SplitAttention split = new SplitAttention(shape);
            launches.add(plan.launch(split.part(), split.partGrid(), operands.add(partial).add(stats).add(position)
                    .integer(split.partKeys()).toArray()));
            launches.add(plan.launch(split.combine(), Expr.constant(config.heads()),
                    Operands.of().add(partial).add(stats).add(attended).integer(split.parts()).toArray()));
            return;
        }
        AttentionKernel attention = new AttentionKernel(shape, scale);
        operands.add(attended).integer(n).add(position);
        launches.add(mode == Mode.MANY ? plan.launch(attention.many(), attention.manyGrid(n), operands.toArray())
                : plan.launch(attention.single(mode == Mode.ONE_AFTER_FEW), Expr.constant(config.heads()), operands.toArray()));
    }

    private HeadStore store(int layer) {
        return new HeadStore(config, type, config.rope(layer));
    }

    /** Whether norms behind products are part of the next product, which then adds the residual on its way in. */
    private boolean sumsOnTheWay(boolean single) {
        return single && config.architecture().sandwichNorms();
    }

    /** What the first product of a layer reads. */
    private MatrixProduct.Inputs inputs(int layer, boolean single) {
        if (layer == 0) {
            return new MatrixProduct.Inputs(type, true);
        }
        return sumsOnTheWay(single) ? new MatrixProduct.Inputs("f32", false,
                new MatrixProduct.NormedSum(AFTER_ATTENTION, AFTER_LAYER, null)) : SCRATCH;
    }

    private Operands inputOperands(int layer, boolean single) {
        if (layer == 0) {
            return Operands.of().arguments(1);
        }
        return sumsOnTheWay(single) ? Operands.of().add(stream)
                .param(params.indexOf(config.layerPrefix(layer - 1) + "post_feedforward_layernorm.weight"))
                : Operands.of().add(afterLayer);
    }

    /** Output projection and feed-forward part of a token step; their norms belong to the products behind them. */
    private void feedForwardOfSums(int layer, List<Launch> launches) {
        String prefix = config.layerPrefix(layer);
        boolean first = layer == 0;
        normedLater(prefix, "self_attn.o_proj", "attention_output", config.attentionWidth(), attended, true, stream, launches);
        MatrixProduct.Inputs sum = new MatrixProduct.Inputs("f32", false,
                new MatrixProduct.NormedSum(first ? -1 : AFTER_LAYER, AFTER_ATTENTION, first ? type : null));
        Operands gateUp = Operands.of().add(stream);
        if (first) {
            gateUp.arguments(1);
        }
        gateUp.param(params.indexOf(prefix + "post_attention_layernorm.weight"))
                .param(params.indexOf(prefix + "pre_feedforward_layernorm.weight"))
                .weight(params.weight(prefix + "mlp.gate_up_proj")).add(activated);
        launches.add(product(linear(config.hiddenSize(), sum, Epilogue.gateUp(config.intermediateSize(), config.activation())),
                true, gateUp, first));
        normedLater(prefix, "mlp.down_proj", "down", config.intermediateSize(), activated, true, stream, launches);
    }

    /** {@code y = W x + bias} as row {@link #PRODUCT} of its buffer. */
    private void normedLater(String prefix, String module, String kernelName, int columns, Operand x, boolean single, Operand y,
            List<Launch> launches) {
        Operands operands = Operands.of().add(x).weight(params.weight(prefix + module));
        boolean bias = outputBias(module);
        if (bias) {
            operands.param(params.indexOf(prefix + module + ".bias"));
        }
        Epilogue epilogue = Epilogue.project(kernelName, List.of(config.hiddenSize()), PRODUCT * config.hiddenSize(),
                config.hiddenSize(), false, bias ? type : null);
        launches.add(product(linear(columns, SCRATCH, epilogue), single, operands.add(y), false));
    }

    private boolean outputBias(String module) {
        return config.outputBias() && module.equals("self_attn.o_proj");
    }

    /** Queries, keys and values in one launch, to where attention reads them. */
    private void fusedHeads(int layer, boolean single, List<Launch> launches) {
        String prefix = config.layerPrefix(layer);
        String fused = prefix + config.architecture().fusedAttention();
        Operands qkv = inputOperands(layer, single).param(params.indexOf(prefix + "input_layernorm.weight"))
                .weight(params.weight(fused));
        if (config.attentionBias()) {
            qkv.param(params.indexOf(fused + ".bias"));
        }
        qkv.add(queries).kv(2 * layer).kv(2 * layer + 1);
        launches.add(product(linear(config.hiddenSize(), inputs(layer, single),
                Epilogue.attentionInput(config, type, store(layer))), single, qkv, layer == 0, position));
    }

    /** Products of queries, keys and values, then the launch that norms heads, rotates and stores them. */
    private void separateHeads(int layer, boolean single, List<Launch> launches) {
        String prefix = config.layerPrefix(layer);
        String fused = config.architecture().fusedAttention();
        if (fused != null) {
            project(layer, single, "project_qkv", List.of(fused), List.of(config.attentionRows()), 0, launches);
        } else {
            List<String> modules = List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
            List<Integer> rows = List.of(config.attentionWidth(), config.kvWidth(), config.kvWidth());
            if (config.attentionBias()) {
                // With a bias each, they would take more buffers than a kernel can have.
                int column = 0;
                for (int i = 0; i < modules.size(); i++) {
                    project(layer, single, "project_" + "qkv".charAt(i), modules.subList(i, i + 1), rows.subList(i, i + 1), column,
                            launches);
                    column += rows.get(i);
                }
            } else {
                project(layer, single, "project_qkv", modules, rows, 0, launches);
            }
        }
        RowKernels kernels = rowKernels();
        Operands heads = Operands.of().add(projected);
        if (config.architecture().qkNorm()) {
            heads.param(params.indexOf(prefix + "self_attn.q_norm.weight"))
                    .param(params.indexOf(prefix + "self_attn.k_norm.weight"));
        }
        heads.add(queries).kv(2 * layer).kv(2 * layer + 1).add(position);
        launches.add(plan.launch(kernels.heads(store(layer)), n.times(kernels.headsPerToken()), heads.toArray()));
    }

    /** One launch for modules whose rows follow each other, as columns {@code column} and following of the projections. */
    private void project(int layer, boolean single, String name, List<String> modules, List<Integer> rows, int column,
            List<Launch> launches) {
        String prefix = config.layerPrefix(layer);
        Operands operands = inputOperands(layer, single).param(params.indexOf(prefix + "input_layernorm.weight"));
        modules.forEach(module -> operands.weight(params.weight(prefix + module)));
        if (config.attentionBias()) {
            operands.param(params.indexOf(prefix + modules.get(0) + ".bias"));
        }
        Epilogue epilogue = Epilogue.project(name, rows, column, config.attentionRows(), true,
                config.attentionBias() ? type : null);
        launches.add(product(linear(config.hiddenSize(), inputs(layer, single), epilogue), single, operands.add(projected),
                layer == 0));
    }

    /**
     * {@code y = residual + W x}, with the norm of that name between product and sum if the architecture has one there.
     *
     * @param first whether the residual is the function's argument, in its type and at its offset
     */
    private void residual(String prefix, String module, String kernelName, int columns, Operand x, Operand residual,
            boolean first, String norm, Operand y, boolean single, List<Launch> launches) {
        String residualType = first ? type : "f32";
        Operand[] scalars = first ? new Operand[] {offset} : new Operand[0];
        if (!config.architecture().sandwichNorms()) {
            boolean bias = outputBias(module);
            Operands operands = Operands.of().add(x).weight(params.weight(prefix + module));
            if (bias) {
                operands.param(params.indexOf(prefix + module + ".bias"));
            }
            Epilogue epilogue = Epilogue.residual(first ? kernelName + "_first" : kernelName, config.hiddenSize(), residualType,
                    first, bias ? type : null);
            launches.add(product(linear(columns, SCRATCH, epilogue), single, operands.add(residual).add(y), false, scalars));
            return;
        }
        normedLater(prefix, module, kernelName, columns, x, single, projected, launches);
        Operands added = Operands.of().add(projected).param(params.indexOf(prefix + norm + ".weight")).add(residual).add(y);
        for (Operand scalar : scalars) {
            added.add(scalar);
        }
        launches.add(plan.launch(rowKernels().addNorm(residualType, first), n, added.toArray()));
    }

    /** A matrix product for one token or for many; scalars are n, the offset of the inputs, then the epilogue's. */
    private Launch product(MatrixProduct kernels, boolean single, Operands buffers, boolean hasOffset, Operand... scalars) {
        if (!single) {
            buffers.integer(n);
        }
        if (hasOffset) {
            buffers.add(offset);
        }
        for (Operand scalar : scalars) {
            buffers.add(scalar);
        }
        if (single) {
            return plan.launch(kernels.vector(), Expr.constant(kernels.vectorGrid()), buffers.toArray());
        }
        return plan.launch(kernels.matrix(), kernels.matrixGrid(n), buffers.toArray());
    }
}
