package org.recursivemas.compiler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a {@code config.json} as models are published with it, and as transformers 5 writes it: the latter has the rotary
 * embedding in {@code rope_parameters}, for each layer type where the types differ, and always {@code layer_types}.
 */
final class ConfigReader {
    /** Base of the rotary frequencies of Gemma 3's local layers, unless stated. */
    static final double GEMMA_LOCAL_THETA = 10_000;
    private static final double GEMMA_THETA = 1_000_000;
    private static final double LLAMA_THETA = 10_000;
    private static final int GEMMA_HEAD_SIZE = 256;
    private static final int GEMMA_PATTERN = 6;
    private static final int MAX_DIMENSION = 1 << 20;
    private static final int MAX_HEAD = 256;
    private static final String ORIGINAL = "Take the value from the model's original config.json";
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    private final JsonNode root;
    private final String file;
    private final Architecture architecture;
    private final String sourcePrefix;

    private ConfigReader(JsonNode top, String file) {
        this.file = file;
        JsonNode names = top.get("architectures");
        String remedy = "Supported are " + String.join(", ", Architecture.supportedClassNames());
        if (names == null || !names.isArray() || names.size() != 1 || !names.get(0).isTextual()) {
            throw new ConfigException(file, "architectures", names == null ? "is missing"
                    : "is not an array of one name: " + names, remedy);
        }
        String name = names.get(0).asText();
        architecture = Architecture.ofClassName(name);
        if (architecture == null) {
            String reason = Architecture.reasonAgainst(name);
            throw new ConfigException(file, "architectures", reason == null ? "unknown architecture " + name
                    : name + " cannot be used: " + reason, remedy);
        }
        boolean wrapper = name.equals(architecture.wrapperClassName());
        sourcePrefix = wrapper ? "language_model." : "";
        root = wrapper ? top.get("text_config") : top;
        if (root == null || !root.isObject()) {
            throw new ConfigException(file, "text_config", "is missing or not an object", ORIGINAL);
        }
    }

    static ModelConfig read(JsonNode root, String file) {
        return new ConfigReader(root, file).read();
    }

    private ModelConfig read() {
        refuseUnsupported();
        boolean gemma = architecture == Architecture.GEMMA3;
        int hidden = size("hidden_size", null);
        int heads = size("num_attention_heads", gemma ? 8 : null);
        int kvHeads = size("num_key_value_heads", gemma ? Integer.valueOf(4)
                : architecture == Architecture.LLAMA ? heads : null);
        if (heads % kvHeads != 0) {
            throw new ConfigException(file, "num_key_value_heads", kvHeads + " does not divide num_attention_heads "
                    + heads, "Correct one of the two");
        }
        int headSize = headSize(hidden, heads);
        int layers = size("num_hidden_layers", null);
        boolean biased = architecture != Architecture.MISTRAL && flag("attention_bias", false);
        boolean tied = flag("tie_word_embeddings", gemma);
        if (gemma && !tied) {
            // Google's models all tie them; MLC's parameter names, which all libraries share, have none for a head of its own
            throw new ConfigException(file, "tie_word_embeddings", "is false, but Gemma 3's output projection is its "
                    + "embedding table; a head of its own, as merged adapters can have, has no place in MLC's format",
                    "Fine-tune without lm_head and embed_tokens, or use the original model");
        }
        Rope rope = rope(FULL, gemma ? Double.valueOf(GEMMA_THETA)
                : architecture == Architecture.LLAMA || architecture == Architecture.MISTRAL ? LLAMA_THETA : null);
        return new ModelConfig(architecture, hidden, size("intermediate_size", null), layers, heads, kvHeads, headSize,
                size("vocab_size", gemma ? 262_208 : null), size("max_position_embeddings", gemma ? 131_072 : null),
                epsilon(), tied, architecture == Architecture.QWEN2 || biased,
                architecture != Architecture.QWEN2 && biased, attentionScale(headSize),
                ModelConfig.usualEmbeddingScale(architecture, hidden), activation(), rope, slidingRope(rope),
                windows(layers), sourcePrefix);
    }

    private void refuseUnsupported() {
        for (String field : new String[] {"attn_logit_softcapping", "final_logit_softcapping"}) {
            if (present(field)) {
                throw new ConfigException(file, field, "a soft cap is not supported: " + root.get(field),
                        "Use a checkpoint without one");
            }
        }
        for (String field : new String[] {"mlp_bias", "use_bidirectional_attention"}) {
            if (flag(field, false)) {
                throw new ConfigException(file, field, "is true, which is not supported",
                        "Use a checkpoint where it is false");
            }
        }
        if (architecture == Architecture.GEMMA3 && flag("attention_bias", false)) {
            throw new ConfigException(file, "attention_bias", "is true, which no Gemma 3 model has", ORIGINAL);
        }
    }

    private Activation activation() {
        Activation usual = ModelConfig.usualActivation(architecture);
        String field = present("hidden_activation") ? "hidden_activation" : "hidden_act";
        if (!present(field)) {
            return usual;
        }
        if (!root.get(field).asText().equals(usual.text())) {
            throw new ConfigException(file, field, "unsupported activation " + root.get(field),
                    "Only \"" + usual.text() + "\" is supported in " + architecture.className());
        }
        return usual;
    }

    private double attentionScale(int headSize) {
        double square = architecture != Architecture.GEMMA3 ? headSize
                : present("query_pre_attn_scalar") ? number("query_pre_attn_scalar", root) : GEMMA_HEAD_SIZE;
        if (!(square > 0) || Double.isInfinite(square)) {
            throw new ConfigException(file, "query_pre_attn_scalar", square + " is not a positive number", ORIGINAL);
        }
        return 1 / Math.sqrt(square);
    }

    private int headSize(int hidden, int heads) {
        int headSize;
        if (present("head_dim") || architecture == Architecture.GEMMA3) {
            headSize = size("head_dim", GEMMA_HEAD_SIZE);
        } else if (hidden % heads != 0) {
            throw new ConfigException(file, "hidden_size", hidden + " is not a multiple of num_attention_heads " + heads,
                    "State head_dim, or correct one of the two");
        } else {
            headSize = hidden / heads;
        }
        if (headSize % 2 != 0 || headSize > MAX_HEAD) {
            throw new ConfigException(file, present("head_dim") ? "head_dim" : "hidden_size / num_attention_heads",
                    "a head of " + headSize + " elements cannot be compiled",
                    "It must be even (rotary embedding pairs its halves) and at most " + MAX_HEAD);
        }
        return headSize;
    }

    // ---- attention windows ----

    private List<Integer> windows(int layers) {
        boolean qwen = architecture == Architecture.QWEN2 || architecture == Architecture.QWEN3;
        boolean ignored = qwen && !flag("use_sliding_window", false) || architecture == Architecture.LLAMA;
        JsonNode types = root.get("layer_types");
        List<Integer> windows = new ArrayList<>();
        if (types != null && !types.isNull()) {
            if (!types.isArray() || types.size() != layers) {
                throw new ConfigException(file, "layer_types", "is not an array of " + layers + " types",
                        "It needs one for each of num_hidden_layers");
            }
            for (JsonNode type : types) {
                if (!type.asText().equals(FULL) && !type.asText().equals(SLIDING)) {
                    throw new ConfigException(file, "layer_types", "unsupported layer type " + type,
                            "Supported are \"" + FULL + "\" and \"" + SLIDING + "\"");
                }
                // In Mistral the window holds for every layer, whatever the types say.
                if (ignored && type.asText().equals(SLIDING)) {
                    throw new ConfigException(file, "layer_types", "has " + SLIDING + (qwen
                            ? ", but use_sliding_window is not true" : ", which no Llama has"), ORIGINAL);
                }
                boolean slides = type.asText().equals(SLIDING)
                        || architecture == Architecture.MISTRAL && present("sliding_window");
                windows.add(slides ? window() : 0);
            }
            return windows;
        }
        int firstSliding = qwen && !ignored ? count("max_window_layers") : 0;
        int pattern = architecture != Architecture.GEMMA3 ? 0
                : size(present("_sliding_window_pattern") ? "_sliding_window_pattern" : "sliding_window_pattern", GEMMA_PATTERN);
        for (int layer = 0; layer < layers; layer++) {
            boolean slides = switch (architecture) {
                case QWEN2, QWEN3 -> !ignored && present("sliding_window") && layer >= firstSliding;
                case LLAMA -> false;
                case MISTRAL -> present("sliding_window");
                case GEMMA3 -> (layer + 1) % pattern != 0;
            };
            windows.add(slides ? window() : 0);
        }
        return windows;
    }

    private int window() {
        if (!present("sliding_window") && architecture != Architecture.GEMMA3) {
            throw new ConfigException(file, "sliding_window", "is missing, but layer_types has " + SLIDING,
                    "State how many positions such a layer sees");
        }
        JsonNode node = root.get("sliding_window");
        if (!present("sliding_window")) {
            return 4096;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1) {
            throw new ConfigException(file, "sliding_window", "is not a positive integer: " + node, ORIGINAL);
        }
        return node.asInt();
    }

    private int count(String field) {
        JsonNode node = root.get(field);
        if (node == null || !node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 0) {
            throw new ConfigException(file, field, node == null ? "is missing, but use_sliding_window is true"
                    : "is not an integer of 0 or more: " + node, ORIGINAL);
        }
        return node.asInt();
    }

    // ---- rotary embedding ----

    private Rope slidingRope(Rope rope) {
        boolean perType = root.path("rope_parameters").has(SLIDING);
        return perType || architecture == Architecture.GEMMA3 ? rope(SLIDING, GEMMA_LOCAL_THETA) : rope;
    }

    /** @param usualTheta base when none is stated; null when one must be */
    private Rope rope(String layerType, Double usualTheta) {
        JsonNode parameters = root.path("rope_parameters");
        boolean perType = parameters.has(FULL) || parameters.has(SLIDING);
        String field = perType ? "rope_parameters." + layerType : "rope_parameters";
        if (perType) {
            parameters = parameters.path(layerType);
        }
        boolean local = architecture == Architecture.GEMMA3 && layerType.equals(SLIDING);
        if (local && !perType) {
            // Without a word on layer types, what is said holds for the global layers only.
            return Rope.plain(present("rope_local_base_freq") ? theta("rope_local_base_freq", root) : GEMMA_LOCAL_THETA);
        }
        if (!parameters.isMissingNode() && !parameters.isNull() && !parameters.isObject()) {
            throw new ConfigException(file, field, "is not an object: " + parameters, ORIGINAL);
        }
        Double nested = parameters.hasNonNull("rope_theta") ? theta("rope_theta", parameters) : null;
        Double top = !perType && present("rope_theta") ? theta("rope_theta", root) : null;
        if (top != null && nested != null && !top.equals(nested)) {
            throw new ConfigException(file, "rope_theta", top + " contradicts rope_parameters.rope_theta " + nested,
                    "Remove the wrong one");
        }
        Double theta = top != null ? top : nested != null ? nested : usualTheta;
        if (theta == null) {
            throw new ConfigException(file, "rope_theta", "is missing here and in " + field,
                    "State the base of the rotary frequencies, e.g. 1000000.0");
        }
        if (parameters.has("rope_type") || parameters.has("type")) {
            return new Rope(theta, scaling(field, parameters));
        }
        return new Rope(theta, !perType && present("rope_scaling") ? scaling("rope_scaling", root.get("rope_scaling"))
                : new Rope.None());
    }

    private Rope.Scaling scaling(String field, JsonNode node) {
        JsonNode type = node.hasNonNull("rope_type") ? node.get("rope_type") : node.path("type");
        switch (type.asText()) {
            case "default":
                return new Rope.None();
            case "linear":
                return new Rope.Linear(factor(field, node));
            case "llama3":
                double factor = factor(field, node);
                double low = number("low_freq_factor", node);
                double high = number("high_freq_factor", node);
                JsonNode original = node.path("original_max_position_embeddings");
                if (!original.isIntegralNumber() || !original.canConvertToInt() || original.asInt() < 1) {
                    throw new ConfigException(file, field + ".original_max_position_embeddings",
                            "is missing or not a positive integer: " + original, ORIGINAL);
                }
                if (!(low > 0 && low < high) || Double.isInfinite(high)) {
                    throw new ConfigException(file, field + ".low_freq_factor", low + " and high_freq_factor " + high
                            + " are not positive and rising", ORIGINAL);
                }
                return new Rope.Llama3(factor, low, high, original.asInt());
            default:
                throw new ConfigException(file, field, "this scaling of rotary positions is not supported: " + node,
                        "Supported are rope_type \"default\", \"linear\" and \"llama3\"; without the field the model stays "
                                + "within its original context");
        }
    }

    private double factor(String field, JsonNode node) {
        double factor = number("factor", node);
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new ConfigException(file, field + ".factor", factor + " is not a number of at least 1", ORIGINAL);
        }
        return factor;
    }

    private double theta(String field, JsonNode node) {
        double value = number(field, node);
        if (!(value >= 1) || Double.isInfinite(value)) {
            throw new ConfigException(file, field, value + " is not a finite number of at least 1",
                    "Usual are 10000.0 and 1000000.0");
        }
        return value;
    }

    // ---- single fields ----

    private double epsilon() {
        double value = architecture == Architecture.GEMMA3 && !present("rms_norm_eps") ? 1e-6 : number("rms_norm_eps", root);
        if (!(value > 0 && value < 1)) {
            throw new ConfigException(file, "rms_norm_eps", value + " is not between 0 and 1", "Usual is 1e-6");
        }
        return value;
    }

    private boolean present(String field) {
        return root.hasNonNull(field);
    }

    private double number(String field, JsonNode parent) {
        JsonNode node = parent.get(field);
        if (node == null || !node.isNumber()) {
            throw new ConfigException(file, field, node == null ? "is missing" : "is not a number: " + node, ORIGINAL);
        }
        return node.asDouble();
    }

    /** @param usual the value when none is stated; null when one must be */
    private int size(String field, Integer usual) {
        JsonNode node = root.get(field);
        if (node == null || node.isNull()) {
            if (usual != null) {
                return usual;
            }
            throw new ConfigException(file, field, "is missing", ORIGINAL);
        }
        int limit = field.equals("max_position_embeddings") ? Integer.MAX_VALUE : MAX_DIMENSION;
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1 || node.asInt() > limit) {
            throw new ConfigException(file, field, "is not an integer between 1 and " + limit + ": " + node, ORIGINAL);
        }
        return node.asInt();
    }

    private boolean flag(String field, boolean usual) {
        JsonNode node = root.get(field);
        if (node == null || node.isNull()) {
            return usual;
        }
        if (!node.isBoolean()) {
            throw new ConfigException(file, field, "is neither true nor false: " + node, "Correct it");
        }
        return node.asBoolean();
    }
}
