package org.recursivemas.compiler;

import java.util.Collections;
import java.util.List;

/** Small models of every family, with the parts in which families differ; windows are shorter than the tests' texts. */
enum Family {
    QWEN2_WINDOW_IN_SECOND_LAYER(plain(Architecture.QWEN2, 64, 112, 2, 4, 2, 16, 211, true).withWindows(List.of(0, 24))),
    /** Heads wider than the hidden size. */
    QWEN3(plain(Architecture.QWEN3, 64, 112, 2, 4, 2, 32, 211, true)),
    QWEN3_WITH_BIASES(parse("Qwen3ForCausalLM", "\"head_dim\": 32, \"attention_bias\": true, \"rope_theta\": 1000000.0")),
    /** Two pairs keep their frequency, three are in between, the rest turn slower. */
    LLAMA3(plain(Architecture.LLAMA, 96, 160, 2, 3, 1, 32, 211, true).withRope(llama3(), llama3())),
    MISTRAL(plain(Architecture.MISTRAL, 64, 112, 2, 4, 2, 16, 211, false).withWindows(List.of(24, 24))),
    /** Two rotary embeddings, the global one slower by 8; scores not scaled by the head size. */
    GEMMA3(parse("Gemma3ForCausalLM", """
            "head_dim": 32, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "sliding_window": 24,
            "rope_scaling": {"rope_type": "linear", "factor": 8.0}, "query_pre_attn_scalar": 48, "tie_word_embeddings": true,
            "layer_types": ["sliding_attention", "full_attention"]""")),
    /** Rows that do not divide into vectors. */
    GEMMA3_ODD_WIDTH(plain(Architecture.GEMMA3, 90, 131, 2, 3, 1, 30, 203, true).withWindows(List.of(24, 0))),
    GEMMA3_HEAD_256(parse("Gemma3ForCausalLM", """
            "head_dim": 256, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "sliding_window": 24,
            "query_pre_attn_scalar": 256, "tie_word_embeddings": true,
            "layer_types": ["sliding_attention", "full_attention"]"""));

    private final ModelConfig config;

    Family(ModelConfig config) {
        this.config = config;
    }

    ModelConfig config() {
        return config;
    }

    private static ModelConfig plain(Architecture architecture, int hidden, int inner, int layers, int heads, int kvHeads,
            int headSize, int vocabulary, boolean tied) {
        return new ModelConfig(architecture, hidden, inner, layers, heads, kvHeads, headSize, vocabulary, 4096, 1e-6, 1e4, tied);
    }

    private static Rope llama3() {
        return new Rope(500000, new Rope.Llama3(32, 1, 4, 256));
    }

    private static ModelConfig parse(String className, String more) {
        boolean gemma = className.startsWith("Gemma");
        return ModelConfig.parse("""
                {"architectures": ["%s"], "%s": "%s", "hidden_size": 64, "intermediate_size": 112, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "num_key_value_heads": %d, "rms_norm_eps": 1e-06, "max_position_embeddings": 4096,
                 "vocab_size": 211, %s}
                """.formatted(className, gemma ? "hidden_activation" : "hidden_act", gemma ? "gelu_pytorch_tanh" : "silu",
                gemma ? 1 : 2, more), className);
    }

    /** Published shapes, to be compiled and timed without weights. */
    enum Published {
        QWEN2_5_0_5B(new ModelConfig(Architecture.QWEN2, 896, 4864, 24, 14, 2, 64, 151936, 32768, 1e-6, 1e6, true)),
        DEEPSEEK_R1_DISTILL_QWEN_1_5B(
                new ModelConfig(Architecture.QWEN2, 1536, 8960, 28, 12, 2, 128, 151936, 131072, 1e-6, 1e4, false)),
        QWEN3_0_6B(new ModelConfig(Architecture.QWEN3, 1024, 3072, 28, 16, 8, 128, 151936, 40960, 1e-6, 1e6, true)),
        QWEN3_1_7B(new ModelConfig(Architecture.QWEN3, 2048, 6144, 28, 16, 8, 128, 151936, 40960, 1e-6, 1e6, true)),
        LLAMA_3_2_1B(new ModelConfig(Architecture.LLAMA, 2048, 8192, 16, 32, 8, 64, 128256, 131072, 1e-5, 5e5, true)
                .withRope(published3(), published3())),
        MISTRAL_7B(new ModelConfig(Architecture.MISTRAL, 4096, 14336, 32, 32, 8, 128, 32000, 32768, 1e-5, 1e4, false)
                .withWindows(Collections.nCopies(32, 4096))),
        GEMMA_3_1B(new ModelConfig(Architecture.GEMMA3, 1152, 6912, 26, 4, 1, 256, 262144, 32768, 1e-6, 1e6, true)
                .withWindows(oneInSixGlobal(26, 512))),
        GEMMA_3_4B(new ModelConfig(Architecture.GEMMA3, 2560, 10240, 34, 8, 4, 256, 262208, 131072, 1e-6, 1e6, true)
                .withWindows(oneInSixGlobal(34, 1024)));

        private final ModelConfig config;

        Published(ModelConfig config) {
            this.config = config;
        }

        ModelConfig config() {
            return config;
        }

        /** The name in lower case with hyphens. */
        String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        private static Rope published3() {
            return new Rope(500000, new Rope.Llama3(32, 1, 4, 8192));
        }

        private static List<Integer> oneInSixGlobal(int layers, int window) {
            return java.util.stream.IntStream.range(0, layers).map(layer -> layer % 6 == 5 ? 0 : window).boxed().toList();
        }
    }
}
