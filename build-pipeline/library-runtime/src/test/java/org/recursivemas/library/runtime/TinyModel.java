package org.recursivemas.library.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.library.DType;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.Operand;
import org.recursivemas.library.PlanFunction;
import org.recursivemas.library.PlanFunction.Argument;
import org.recursivemas.library.PlanFunction.Result;

/**
 * A model small enough to know its answers by heart. Tokens are bytes and three special ones; the embedding is
 * one-hot; the
 * hidden state of a token is its embedding plus {@link #HISTORY} times the sum of all embeddings so far, which needs
 * the KV
 * cache; logits are W times that. W makes the alphabet follow itself and ends after z; every '#' in the context
 * speaks for
 * beginning at 'q' instead of 'a'.
 */
final class TinyModel {
    /** Bytes, then the special tokens. Vocabulary and width of the hidden state. */
    static final int V = 259;
    static final int START = 256;
    static final int END = 257;
    static final int CHUNK = 24;
    static final int CONTEXT = 320;
    static final float HISTORY = 0.05f;

    private final List<LibraryPlan.Kernel> kernels = new ArrayList<>();

    private TinyModel() {
    }

    static LibraryPlan plan() {
        return new TinyModel().build(CHUNK);
    }

    /** Weight [V,V]: row is the token spoken for, column the coordinate of the hidden state. */
    static float[] head() {
        float[] w = new float[V * V];
        for (int c = 'a'; c < 'z'; ++c) {
            w[(c + 1) * V + c] = 40;
            w[(c - 31) * V + c] = 38; // the second choice is the successor as a capital
        }
        w[END * V + 'z'] = 40;
        for (int c = 'A'; c <= 'Z'; ++c) {
            w[(c == 'Z' ? END : c + 33) * V + c] = 40;
        }
        w['a' * V + '\n'] = 8;
        w['q' * V + '#'] = 20;
        return w;
    }

    static float[] embedding() {
        float[] table = new float[V * V];
        for (int i = 0; i < V; ++i) {
            table[i * V + i] = 1;
        }
        return table;
    }

    /** Tokens of one user message up to where the answer begins. */
    static List<Integer> prompt(String message) {
        List<Integer> tokens = new ArrayList<>();
        tokens.add(START);
        bytes(tokens, "user\n" + message);
        tokens.add(END);
        bytes(tokens, "\n");
        tokens.add(START);
        bytes(tokens, "assistant\n");
        return tokens;
    }

    /**
     * What the cache holds of an earlier question and its answer (WebLLM does not repeat the end mark), and a new
     * one.
     */
    static List<Integer> prompt(String first, String answer, String second) {
        List<Integer> tokens = prompt(first);
        bytes(tokens, answer);
        tokens.addAll(prompt(second));
        return tokens;
    }

    private static void bytes(List<Integer> tokens, String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            tokens.add(b & 0xff);
        }
    }

    /** Hidden state of the last token of a context. */
    static double[] hidden(List<Integer> context) {
        double[] hidden = new double[V];
        for (int token : context) {
            hidden[token] += HISTORY;
        }
        hidden[context.get(context.size() - 1)] += 1;
        return hidden;
    }

    /** Logits after a context. */
    static double[] logits(List<Integer> context) {
        float[] w = head();
        double[] hidden = hidden(context);
        double[] logits = new double[V];
        for (int v = 0; v < V; ++v) {
            for (int c = 0; c < V; ++c) {
                logits[v] += w[v * V + c] * hidden[c];
            }
        }
        return logits;
    }

    /** Greedy answer to a context, at most {@code most} tokens. */
    static String answer(List<Integer> prompt, int most) {
        return answer(prompt, most, Map.of(), 0, 0);
    }

    /** As above, with biases by token, and penalties on tokens of the answer: once, and for each time. */
    static String answer(List<Integer> prompt, int most, Map<Integer, Double> bias, double presence, double frequency) {
        List<Integer> context = new ArrayList<>(prompt);
        StringBuilder text = new StringBuilder();
        int[] counts = new int[V];
        while (text.length() < most) {
            double[] logits = logits(context);
            int best = 0;
            for (int v = 0; v < V; ++v) {
                logits[v] += bias.getOrDefault(v, 0.0) - (counts[v] > 0 ? presence : 0) - counts[v] * frequency;
                best = logits[v] > logits[best] ? v : best;
            }
            if (best == END) {
                break;
            }
            ++counts[best];
            text.append((char) best);
            context.add(best);
        }
        return text.toString();
    }

    /** Writes what WebLLM loads beside the library: configuration, tokenizer, tensor cache, shard. */
    static void writeModel(Path folder) throws IOException {
        writeModel(folder, V);
    }

    /** As above, with a head of another height, as weights of another model would have. */
    static void writeModel(Path folder, int headRows) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("mlc-chat-config.json"), config());
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
        int embeddingBytes = 2 * V * V;
        int headBytes = 4 * headRows * V;
        int headOffset = (embeddingBytes + 3) & -4;
        ByteBuffer shard = ByteBuffer.allocate(headOffset + headBytes).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : embedding()) {
            shard.putShort((short) (Float.floatToIntBits(value) >>> 16));
        }
        shard.position(headOffset);
        float[] head = head();
        for (int i = 0; i < headRows * V; ++i) {
            shard.putFloat(head[i]);
        }
        Files.write(folder.resolve("params_shard_0.bin"), shard.array());
        Files.writeString(folder.resolve("tensor-cache.json"), """
                {"metadata": {}, "records": [{"dataPath": "params_shard_0.bin", "format": "raw-shard", "nbytes": %d,
                "records": [
                {"name": "embed.weight", "shape": [%d, %d], "dtype": "float32", "format": "f32-to-bf16", "nbytes": %d,
                "byteOffset": 0},
                {"name": "head.weight", "shape": [%d, %d], "dtype": "float32", "format": "raw", "nbytes": %d,
                "byteOffset": %d}]}]}
                """.formatted(shard.capacity(), V, V, embeddingBytes, headRows, V, headBytes, headOffset));
    }

    private static String config() {
        return """
                {"model_type": "tiny", "vocab_size": %d, "context_window_size": %d, "sliding_window_size": -1,
                "attention_sink_size": -1, "prefill_chunk_size": %d, "tensor_parallel_shards": 1,
                "repetition_penalty": 1.0, "frequency_penalty": 0.0, "presence_penalty": 0.0, "temperature": 0.0,
                "top_p": 1.0, "tokenizer_files": ["tokenizer.json"],
                "tokenizer_info": {"token_postproc_method": "byte_level", "prepend_space_in_encode": false,
                "strip_space_in_decode": false},
                "conv_template": {"name": "tiny", "system_template": "{system_message}", "system_message": "",
                "system_prefix_token_ids": null, "add_role_after_system_message": true,
                "roles": {"user": "<|im_start|>user", "assistant": "<|im_start|>assistant", "tool": "<|im_start|>user"},
                "role_templates": {"user": "{user_message}", "assistant": "{assistant_message}",
                "tool": "{tool_message}"}, "messages": [], "seps": ["<|im_end|>\\n"], "role_content_sep": "\\n",
                "role_empty_sep": "\\n", "stop_str": ["<|im_end|>"], "stop_token_ids": [%d, %d],
                "function_string": "", "use_function_calling": false}}
                """.formatted(V, CONTEXT, CHUNK, END, V - 1);
    }

    /** A byte-level tokenizer without merges: every byte is the token of its value. */
    private static String tokenizer() {
        StringBuilder vocabulary = new StringBuilder();
        int next = 256;
        for (int b = 0; b < 256; ++b) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
            vocabulary.append(b == 0 ? "" : ", ").append("\"\\u%04x\": %d".formatted(printable ? b : next++, b));
        }
        StringBuilder added = new StringBuilder();
        String[] special = {"<|im_start|>", "<|im_end|>", "<|endoftext|>"};
        for (int i = 0; i < special.length; ++i) {
            added.append(i == 0 ? "" : ", ").append("""
                    {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true}""".formatted(256 + i, special[i]));
        }
        return """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s], "normalizer": null,
                "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
                "use_regex": false},
                "post_processor": null,
                "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
                "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false, "vocab": {%s}, "merges": []}}
                """.formatted(added, vocabulary);
    }

    private LibraryPlan build(int chunk) {
        int embed = kernel("embed", "ids:i32,table,*out", "offset,n", "n * V",
                "out[i] = table[u32(ids[p.offset + i / V]) * V + i % V];");
        int append = kernel("append", "x,*kv", "offset,position,n", "n * V",
                "kv[p.position * V + i] = x[p.offset + i];");
        int mix = kernel("mix", "kv,*out", "position,n", "n * V", """
                var sum = 0.0;
                let row = p.position + i / V;
                for (var j = 0u; j <= row; j++) { sum += kv[j * V + i % V]; }
                out[i] = kv[row * V + i % V] + HISTORY * sum;""");
        int head = kernel("head", "h,w,*out", "row", "V", """
                var sum = 0.0;
                for (var c = 0u; c < V; c++) { sum += w[i * V + c] * h[p.row * V + c]; }
                out[i] = sum;""");
        List<Argument> forward = List.of(Argument.TENSOR, Argument.STATE, Argument.PARAMS);
        Expr n = Expr.dim(0, 1);
        Launch appendLaunch = launch(append, Expr.binary(Expr.Op.MUL, n, Expr.constant(V)), Operand.argument(0),
                Operand.kv(0), offset(0, 4), Operand.integer(Expr.position()), Operand.integer(n));
        Expr cells = Expr.binary(Expr.Op.MUL, n, Expr.constant(V));
        Launch toScratch = launch(mix, cells, Operand.kv(0), Operand.scratch(0), Operand.integer(Expr.position()),
                Operand.integer(n));
        Launch toOutput = launch(mix, cells, Operand.kv(0), Operand.output(0), Operand.integer(Expr.position()),
                Operand.integer(n));
        Launch headLaunch = launch(head, Expr.constant(V), Operand.scratch(0), Operand.param(1), Operand.output(0),
                Operand.integer(Expr.binary(Expr.Op.SUB, n, Expr.constant(1))));
        PlanFunction.Output logits = output(DType.FLOAT32, Expr.constant(1), Expr.constant(1), Expr.constant(V));
        PlanFunction.Output hidden = output(DType.FLOAT32, Expr.constant(1), n, Expr.constant(V));
        List<PlanFunction> functions = new ArrayList<>();
        functions.add(function("embed", List.of(Argument.TENSOR, Argument.PARAMS), List.of(DType.INT32),
                List.of(output(DType.FLOAT32, Expr.dim(0, 0), Expr.constant(V))), Result.TENSOR,
                launch(embed, Expr.dim(0, 0).times(V), Operand.argument(0), Operand.param(0), Operand.output(0),
                        offset(0, 4), Operand.integer(Expr.dim(0, 0)))));
        for (String name : List.of("prefill", "decode")) {
            functions.add(function(name, forward, List.of(DType.FLOAT32), List.of(logits), Result.ARRAY_WITH_STATE,
                    appendLaunch, toScratch, headLaunch));
        }
        for (String name : List.of("get_last_hidden", "decode_last_hidden")) {
            functions.add(function(name, forward, List.of(DType.FLOAT32), List.of(hidden), Result.ARRAY_WITH_STATE,
                    appendLaunch, toOutput));
        }
        sampling(functions);
        String metadata = """
                {"model_type": "tiny", "prefill_chunk_size": %d, "kv_state_kind": "kv_cache", "params": [
                {"name": "embed.weight", "shape": [%d, %d], "dtype": "float32", "preprocs": [], "pipeline_stages": [0]},
                {"name": "head.weight", "shape": [%d, %d], "dtype": "float32", "preprocs": [], "pipeline_stages": [0]}]}
                """.formatted(chunk, V, V, V, V);
        return new LibraryPlan(metadata, chunk, List.of("embed.weight", "head.weight"), kernels, List.of(4 * V),
                List.of(Expr.binary(Expr.Op.MUL, n, Expr.constant(4 * V))), functions);
    }

    private void sampling(List<PlanFunction> functions) {
        int softmax = kernel("softmax", "x,t,*out", "offset,t_offset", "V", """
                var top = x[p.offset];
                for (var j = 1u; j < V; j++) { top = max(top, x[p.offset + j]); }
                let heat = t[p.t_offset];
                var sum = 0.0;
                var own = 0.0;
                for (var j = 0u; j < V; j++) {
                    let v = x[p.offset + j];
                    var e = select(0.0, 1.0, v == top);
                    if (heat > 1e-5) { e = exp((v - top) / heat); }
                    sum += e;
                    if (j == i) { own = e; }
                }
                out[i] = own / sum;""");
        int sort = kernel("sort", "x,*out,*order:i32", "offset", "V", """
                let own = x[p.offset + i];
                var rank = 0u;
                for (var j = 0u; j < V; j++) {
                    let v = x[p.offset + j];
                    if (v > own || (v == own && j < i)) { rank++; }
                }
                out[rank] = own;
                order[rank] = i32(i);""");
        int sample = kernel("sample", "x,ids:i32,u,index:i32,top_p,*out:i32", "x_offset,ids_offset", "1u", """
                var mass = 0.0;
                for (var j = 0u; j < V; j++) {
                    mass += x[p.x_offset + j];
                    if (mass >= top_p[0]) { break; }
                }
                var sum = 0.0;
                var chosen = V - 1u;
                for (var j = 0u; j < V; j++) {
                    sum += x[p.x_offset + j];
                    if (u[0] < sum / mass) { chosen = j; break; }
                }
                out[u32(index[0])] = ids[p.ids_offset + chosen];""");
        int bitmask = kernel("bitmask", "*x,rows:i32,mask:i32", "offset", "V", """
                let word = u32(mask[u32(rows[0]) * ((V + 31u) / 32u) + i / 32u]);
                if (((word >> (i % 32u)) & 1u) == 0u) { x[p.offset + i] = -0x1.fffffep+127f; }""");
        int penalty = kernel("penalty", "*x,rows:i32,pos:i32,ids:i32,counts:i32,penalties", "offset,n", "n", """
                let row = u32(pos[i]);
                let at = p.offset + u32(rows[row]) * V + u32(ids[i]);
                var v = x[at] - penalties[3u * row] - f32(counts[i]) * penalties[3u * row + 1u];
                v = select(v / penalties[3u * row + 2u], v * penalties[3u * row + 2u], v < 0.0);
                x[at] = v;""");
        int bias = kernel("bias", "*x,pos:i32,ids:i32,added", "offset,n", "n",
                "x[p.offset + u32(pos[i]) * V + u32(ids[i])] += added[i];");
        Expr v = Expr.constant(V);
        List<DType> f = List.of(DType.FLOAT32, DType.FLOAT32);
        functions.add(function("softmax_with_temperature", tensors(2), f,
                List.of(output(DType.FLOAT32, Expr.constant(1), Expr.constant(1), v)), Result.TENSOR,
                launch(softmax, v, Operand.argument(0), Operand.argument(1), Operand.output(0), offset(0, 4),
                        offset(1, 4))));
        functions.add(function("argsort_probs", tensors(1), List.of(DType.FLOAT32),
                List.of(output(DType.FLOAT32, Expr.constant(1), v), output(DType.INT32, Expr.constant(1), v)),
                Result.ARRAY,
                launch(sort, v, Operand.argument(0), Operand.output(0), Operand.output(1), offset(0, 4))));
        functions.add(function("sample_with_top_p", tensors(5),
                List.of(DType.FLOAT32, DType.INT32, DType.FLOAT32, DType.INT32, DType.FLOAT32),
                List.of(output(DType.INT32, Expr.constant(1))), Result.TENSOR,
                launch(sample, Expr.constant(1), Operand.argument(0), Operand.argument(1), Operand.argument(2),
                        Operand.argument(3), Operand.argument(4), Operand.output(0), offset(0, 4), offset(1, 4))));
        functions.add(function("apply_bitmask_inplace", tensors(3), List.of(DType.FLOAT32, DType.INT32, DType.INT32),
                List.of(), Result.NONE, launch(bitmask, v, Operand.argument(0), Operand.argument(1),
                        Operand.argument(2), offset(0, 4))));
        functions.add(function("apply_penalty_inplace", tensors(6), List.of(DType.FLOAT32, DType.INT32, DType.INT32,
                DType.INT32, DType.INT32, DType.FLOAT32), List.of(), Result.NONE,
                launch(penalty, Expr.dim(3, 0), Operand.argument(0), Operand.argument(1), Operand.argument(2),
                        Operand.argument(3), Operand.argument(4), Operand.argument(5), offset(0, 4),
                        Operand.integer(Expr.dim(3, 0)))));
        functions.add(function("apply_logit_bias_inplace", tensors(4),
                List.of(DType.FLOAT32, DType.INT32, DType.INT32, DType.FLOAT32), List.of(), Result.NONE,
                launch(bias, Expr.dim(2, 0), Operand.argument(0), Operand.argument(1), Operand.argument(2),
                        Operand.argument(3), offset(0, 4), Operand.integer(Expr.dim(2, 0)))));
    }

    private static List<Argument> tensors(int count) {
        return java.util.Collections.nCopies(count, Argument.TENSOR);
    }

    private static Operand offset(int argument, int elementBytes) {
        return Operand.integer(Expr.offset(argument).dividedBy(elementBytes));
    }

    private static PlanFunction.Output output(DType dtype, Expr... shape) {
        return new PlanFunction.Output(dtype, List.of(shape));
    }

    private static PlanFunction function(String name, List<Argument> arguments, List<DType> types,
            List<PlanFunction.Output> outputs, Result result, Launch... launches) {
        return new PlanFunction(name, arguments, types, outputs, result,
                List.of(new PlanFunction.Variant(Expr.constant(1), List.of(launches))));
    }

    /** A launch with one invocation for each of {@code elements}. */
    private static Launch launch(int kernel, Expr elements, Operand... operands) {
        return new Launch(kernel, List.of(operands), elements.ceilDividedBy(64), null);
    }

    /** Adds a kernel; a buffer is written {@code *name:type} when it is changed, f32 by default. */
    private int kernel(String name, String buffers, String scalars, String count, String body) {
        StringBuilder wgsl = new StringBuilder("const V = " + V + "u;\nconst HISTORY = " + HISTORY + ";\n");
        StringBuilder types = new StringBuilder();
        StringBuilder access = new StringBuilder();
        String[] names = buffers.split(",");
        for (int i = 0; i < names.length; ++i) {
            boolean write = names[i].startsWith("*");
            String[] parts = (write ? names[i].substring(1) : names[i]).split(":");
            wgsl.append("@group(0) @binding(%d) var<storage, %s> %s : array<%s>;%n".formatted(i,
                    write ? "read_write" : "read", parts[0], parts.length > 1 ? parts[1] : "f32"));
            types.append(i == 0 ? "" : ",").append("\"handle\"");
            access.append(i == 0 ? "" : ",").append(write ? 1 : 0);
        }
        wgsl.append("struct P { ");
        for (String scalar : scalars.split(",")) {
            wgsl.append(scalar).append(" : u32, ");
            types.append(",\"uint32\"");
        }
        wgsl.append("grid : u32 }\n@group(0) @binding(%d) var<uniform> p : P;%n".formatted(names.length));
        String extent = count.startsWith("n") ? "p." + count : count;
        wgsl.append("""
                @compute @workgroup_size(64)
                fn %s(@builtin(global_invocation_id) id : vec3u) {
                let i = id.x;
                if (i >= %s) { return; }
                %s
                }
                """.formatted(name, extent, body));
        kernels.add(new LibraryPlan.Kernel(name, """
                {"name":"%s","arg_types":[%s],"launch_param_tags":["blockIdx.x","paramWriteAccess:[%s]"],\
                "arg_extra_tags":[]}""".formatted(name, types, access), wgsl.toString()));
        return kernels.size() - 1;
    }
}
