package org.recursivemas.compiler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The shape of a model, as its Hugging Face {@code config.json} states it.
 *
 * @param hiddenSize d: width of embeddings and hidden states
 * @param intermediateSize width of the gated feed-forward part
 * @param layers decoder layers
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headSize elements of a head; even, because rotary embedding pairs its halves
 * @param vocabSize V: rows of the embedding table and width of the logits
 * @param maxPositions longest context the model was made for, in tokens
 * @param rmsNormEps added to the mean square in every RMSNorm
 * @param ropeTheta base of the rotary frequencies
 * @param tiedEmbeddings whether the embedding table is the output projection too
 */
public record ModelConfig(Architecture architecture, int hiddenSize, int intermediateSize, int layers, int heads,
        int kvHeads, int headSize, int vocabSize, int maxPositions, double rmsNormEps, double ropeTheta,
        boolean tiedEmbeddings) {

    private static final int MAX_DIMENSION = 1 << 20;

    /** Reads a {@code config.json}; a {@link ConfigException} says what is wrong with it. */
    public static ModelConfig read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(file.toString(), "file", "cannot be read (" + e + ")",
                    "Name the config.json of a Hugging Face checkpoint folder", e);
        }
        return parse(text, file.toString());
    }

    /**
     * Parses the text of a {@code config.json}.
     *
     * @param file what to call it in errors
     */
    public static ModelConfig parse(String json, String file) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new ConfigException(file, "file", "is not JSON (" + e.getOriginalMessage() + ")",
                    "Fetch the file again", e);
        }
        if (root == null || !root.isObject()) {
            throw new ConfigException(file, "file", "is not a JSON object", "Fetch the file again");
        }
        return new Reader(root, file).read();
    }

    /** Rows of the fused query/key/value projection: query heads, then key heads, then value heads. */
    public int attentionRows() {
        return (heads + 2 * kvHeads) * headSize;
    }

    /** Columns of the attention's output projection. */
    public int attentionWidth() {
        return heads * headSize;
    }

    /** Elements of the keys (or of the values) of one position in one layer. */
    public int kvWidth() {
        return kvHeads * headSize;
    }

    private static final class Reader {
        private final JsonNode root;
        private final String file;

        Reader(JsonNode root, String file) {
            this.root = root;
            this.file = file;
        }

        ModelConfig read() {
            Architecture architecture = architecture();
            refuseUnsupported();
            int hidden = size("hidden_size");
            int heads = size("num_attention_heads");
            int kvHeads = size("num_key_value_heads");
            if (heads % kvHeads != 0) {
                throw new ConfigException(file, "num_key_value_heads", kvHeads + " does not divide num_attention_heads "
                        + heads, "Correct one of the two");
            }
            int headSize = headSize(hidden, heads);
            return new ModelConfig(architecture, hidden, size("intermediate_size"), size("num_hidden_layers"), heads, kvHeads,
                    headSize, size("vocab_size"), size("max_position_embeddings"), epsilon(), ropeTheta(),
                    flag("tie_word_embeddings"));
        }

        private Architecture architecture() {
            String remedy = "Supported are " + String.join(", ", Architecture.supportedClassNames());
            JsonNode names = root.get("architectures");
            if (names == null || !names.isArray() || names.size() != 1 || !names.get(0).isTextual()) {
                throw new ConfigException(file, "architectures", names == null ? "is missing"
                        : "is not an array of one name: " + names, remedy);
            }
            Architecture architecture = Architecture.ofClassName(names.get(0).asText());
            if (architecture == null) {
                throw new ConfigException(file, "architectures", "unknown architecture " + names.get(0).asText(), remedy);
            }
            return architecture;
        }

        private int headSize(int hidden, int heads) {
            int headSize;
            if (present("head_dim")) {
                headSize = size("head_dim");
            } else if (hidden % heads != 0) {
                throw new ConfigException(file, "hidden_size", hidden + " is not a multiple of num_attention_heads " + heads,
                        "State head_dim, or correct one of the two");
            } else {
                headSize = hidden / heads;
            }
            if (headSize % 2 != 0 || headSize > 256) {
                throw new ConfigException(file, present("head_dim") ? "head_dim" : "hidden_size / num_attention_heads",
                        "a head of " + headSize + " elements cannot be compiled",
                        "It must be even (rotary embedding pairs its halves) and at most 256");
            }
            return headSize;
        }

        private void refuseUnsupported() {
            JsonNode activation = root.get("hidden_act");
            if (activation != null && !activation.asText().equals("silu")) {
                throw new ConfigException(file, "hidden_act", "unsupported activation " + activation,
                        "Only \"silu\" can be compiled");
            }
            if (flag("use_sliding_window")) {
                throw new ConfigException(file, "use_sliding_window", "sliding-window attention cannot be compiled",
                        "Use a checkpoint that attends to its whole context");
            }
            JsonNode types = root.get("layer_types");
            if (types != null) {
                for (JsonNode type : types) {
                    if (!type.asText().equals("full_attention")) {
                        throw new ConfigException(file, "layer_types", "unsupported layer type " + type,
                                "Only \"full_attention\" can be compiled");
                    }
                }
            }
            refuseScaling("rope_scaling");
            refuseScaling("rope_parameters");
        }

        private void refuseScaling(String field) {
            if (!present(field)) {
                return;
            }
            JsonNode scaling = root.get(field);
            JsonNode type = scaling.has("rope_type") ? scaling.get("rope_type") : scaling.get("type");
            if (type == null ? field.equals("rope_scaling") : !type.asText().equals("default")) {
                throw new ConfigException(file, field, "scaled rotary positions cannot be compiled: " + scaling,
                        "Use a checkpoint with rope_type \"default\", or remove the field to stay within the original context");
            }
        }

        private double epsilon() {
            double value = number("rms_norm_eps", root.get("rms_norm_eps"));
            if (!(value > 0 && value < 1)) {
                throw new ConfigException(file, "rms_norm_eps", value + " is not between 0 and 1", "Usual is 1e-6");
            }
            return value;
        }

        private double ropeTheta() {
            JsonNode nested = root.path("rope_parameters").get("rope_theta");
            JsonNode node = present("rope_theta") ? root.get("rope_theta") : nested;
            if (node == null) {
                throw new ConfigException(file, "rope_theta", "is missing here and in rope_parameters",
                        "State the base of the rotary frequencies, e.g. 1000000.0");
            }
            double value = number("rope_theta", node);
            if (present("rope_theta") && nested != null && number("rope_parameters.rope_theta", nested) != value) {
                throw new ConfigException(file, "rope_theta", value + " contradicts rope_parameters.rope_theta " + nested,
                        "Remove the wrong one");
            }
            if (!(value >= 1) || Double.isInfinite(value)) {
                throw new ConfigException(file, "rope_theta", value + " is not a finite number of at least 1",
                        "Usual are 10000.0 and 1000000.0");
            }
            return value;
        }

        private boolean present(String field) {
            return root.hasNonNull(field);
        }

        private double number(String field, JsonNode node) {
            if (node == null || !node.isNumber()) {
                throw new ConfigException(file, field, node == null ? "is missing" : "is not a number: " + node,
                        "Take the value from the model's original config.json");
            }
            return node.asDouble();
        }

        private int size(String field) {
            JsonNode node = root.get(field);
            if (node == null || node.isNull()) {
                throw new ConfigException(file, field, "is missing", "Take the value from the model's original config.json");
            }
            int limit = field.equals("max_position_embeddings") ? Integer.MAX_VALUE : MAX_DIMENSION;
            if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1 || node.asInt() > limit) {
                throw new ConfigException(file, field, "is not an integer between 1 and " + limit + ": " + node,
                        "Take the value from the model's original config.json");
            }
            return node.asInt();
        }

        private boolean flag(String field) {
            JsonNode node = root.get(field);
            if (node == null || node.isNull()) {
                return false;
            }
            if (!node.isBoolean()) {
                throw new ConfigException(file, field, "is neither true nor false: " + node, "Correct it");
            }
            return node.asBoolean();
        }
    }
}
