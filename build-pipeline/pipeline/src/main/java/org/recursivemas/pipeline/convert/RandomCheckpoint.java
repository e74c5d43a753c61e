package org.recursivemas.pipeline.convert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.ParamTable.Source;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.checkpoint.HalfFloats;

/**
 * A checkpoint of random weights in a real model's shape: config.json, safetensors (one file or shards with an index) and
 * a tokenizer of the same vocabulary. It proves what a model of that shape takes, without a download. Weights are written
 * as a stream; the heap holds a megabyte of them.
 */
public final class RandomCheckpoint {
    /** Shapes that are known by name. */
    public static final List<String> SHAPES = List.of("qwen2.5-0.5b", "qwen2.5-1.5b", "qwen3-0.6b", "qwen3-1.7b",
            "llama-3.2-1b", "gemma-3-1b",
            "mistral-7b-v0.1");
    /** Marks a folder made here, so that it may be replaced. */
    public static final String MARKER = "random-weights.txt";
    /** Values that weights are drawn from, before they are scaled. */
    private static final int TABLE = 1 << 12;
    private static final int BUFFER = 1 << 20;

    private record Tensor(Source source, long bytes) {
    }

    private final String config;
    private final ModelConfig model;
    private final boolean letters;

    private RandomCheckpoint(String config, String name) {
        this(config, ModelConfig.parse(config, name), false);
    }

    private RandomCheckpoint(String config, ModelConfig model, boolean letters) {
        this.config = config;
        this.model = model;
        this.letters = letters;
    }

    /**
     * The same shape of a model that writes nothing but digits and small letters, each a token: the rows of all other tokens
     * are 0 in the embeddings and in the head. What it writes is as many tokens when another agent reads it, and it never ends
     * by itself: for measuring what texts of a given length cost.
     */
    public RandomCheckpoint lettersOnly() {
        return new RandomCheckpoint(config, model, true);
    }

    /**
     * A checkpoint of the shape that a config.json describes.
     *
     * @param name what to call the text in errors
     */
    public static RandomCheckpoint of(String configJson, String name) {
        return new RandomCheckpoint(configJson, name);
    }

    /**
     * A checkpoint of a known shape, or of that of a config.json.
     *
     * @param shape one of {@link #SHAPES}, or a file
     * @throws InputException when it is neither
     */
    public static RandomCheckpoint shaped(String shape) {
        if (!SHAPES.contains(shape)) {
            Path file = Path.of(shape);
            if (!Files.isRegularFile(file)) {
                throw new InputException(shape, "it is neither a known shape nor a config.json",
                        "Known are " + String.join(", ", SHAPES), null);
            }
            try {
                return new RandomCheckpoint(Files.readString(file), shape);
            } catch (IOException e) {
                throw new InputException(shape, "it cannot be read (" + e + ")", "Check its permissions", e);
            }
        }
        try (InputStream in = RandomCheckpoint.class.getResourceAsStream("shapes/" + shape + ".json")) {
            return new RandomCheckpoint(new String(in.readAllBytes(), StandardCharsets.UTF_8), shape);
        } catch (IOException e) {
            throw new UncheckedIOException(shape, e);
        }
    }

    public ModelConfig model() {
        return model;
    }

    /** Bytes of its weights. */
    public long bytes(ElementType type) {
        return tensors(type).stream().mapToLong(Tensor::bytes).sum();
    }

    /**
     * Writes the folder.
     *
     * @param overwrite whether a folder that was made here may be replaced
     * @param type float32, float16 or bfloat16
     * @param shardBytes weights in one file at most, except that a tensor is never split; the same weights come out
     *        whatever this is
     * @throws InputException when the folder cannot be written; then nothing is left behind
     */
    public void write(Path folder, boolean overwrite, long seed, ElementType type, long shardBytes, Progress progress) {
        List<Tensor> tensors = tensors(type);
        List<List<Tensor>> shards = new ArrayList<>();
        long pending = Long.MAX_VALUE;
        for (Tensor tensor : tensors) {
            if (shards.isEmpty() || pending + tensor.bytes() > shardBytes) {
                shards.add(new ArrayList<>());
                pending = 0;
            }
            shards.get(shards.size() - 1).add(tensor);
            pending += tensor.bytes();
        }
        try (StagedFolder staged = new StagedFolder(folder, overwrite, MARKER)) {
            Path to = staged.path();
            Files.writeString(to.resolve(MARKER), "Random weights, seed " + seed + ": for tests of size and speed only.\n");
            Files.writeString(to.resolve("config.json"), config);
            Files.writeString(to.resolve(TokenizerFile.NAME), tokenizer().toString());
            ObjectNode index = JsonFiles.MAPPER.createObjectNode();
            index.putObject("metadata").put("total_size", bytes(type));
            ObjectNode map = index.putObject("weight_map");
            Values values = new Values(seed, type, model.architecture().normOffset(), bytes(type), letters, progress);
            for (int i = 0; i < shards.size(); i++) {
                String name = shards.size() == 1 ? "model.safetensors"
                        : String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
                shards.get(i).forEach(tensor -> map.put(tensor.source().name(), name));
                try (OutputStream out = Files.newOutputStream(to.resolve(name))) {
                    header(out, shards.get(i), type);
                    for (Tensor tensor : shards.get(i)) {
                        values.write(tensor.source(), out);
                    }
                }
            }
            if (shards.size() > 1) {
                Files.writeString(to.resolve("model.safetensors.index.json"), JsonFiles.text(index));
            }
            staged.publish();
        } catch (IOException e) {
            throw new InputException(folder.toString(), "writing failed (" + e + ")",
                    "Free space on that disk or name a folder on another one; nothing was left behind", e);
        }
    }

    private List<Tensor> tensors(ElementType type) {
        List<Tensor> tensors = new ArrayList<>();
        for (ParamTable.Param param : new ParamTable(model, Quantization.Q0F32).params()) {
            for (Source source : param.sources()) {
                long bytes = type.bytes();
                for (int extent : source.shape()) {
                    bytes *= extent;
                }
                tensors.add(new Tensor(source, bytes));
            }
        }
        return tensors;
    }

    private static void header(OutputStream out, List<Tensor> tensors, ElementType type) throws IOException {
        ObjectNode header = JsonFiles.MAPPER.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (Tensor tensor : tensors) {
            ObjectNode entry = header.putObject(tensor.source().name()).put("dtype", type.name());
            ArrayNode shape = entry.putArray("shape");
            tensor.source().shape().forEach(shape::add);
            entry.putArray("data_offsets").add(offset).add(offset + tensor.bytes());
            offset += tensor.bytes();
        }
        String text = header.toString();
        // Data begins at a multiple of 8 bytes, as the format's own library has it.
        byte[] bytes = (text + " ".repeat((8 - text.length() % 8) % 8)).getBytes(StandardCharsets.US_ASCII);
        out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length).array());
        out.write(bytes);
    }

    /** Draws and encodes values; every tensor has a stream of its own, by its name. */
    private static final class Values {
        private final long seed;
        private final ElementType type;
        private final float normOffset;
        private final long total;
        private final boolean letters;
        private final Progress progress;
        private final float[] normal = new float[TABLE];
        private final int[] encoded = new int[TABLE];
        private final byte[] buffer = new byte[BUFFER];
        private final ByteBuffer view = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
        private long done;

        Values(long seed, ElementType type, float normOffset, long total, boolean letters, Progress progress) {
            this.letters = letters;
            this.seed = seed;
            this.type = type;
            this.normOffset = normOffset;
            this.total = total;
            this.progress = progress;
            Random random = new Random(seed);
            for (int i = 0; i < TABLE; i++) {
                normal[i] = (float) random.nextGaussian();
            }
        }

        void write(Source source, OutputStream out) throws IOException {
            List<Integer> shape = source.shape();
            boolean matrix = shape.size() == 2;
            long elements = matrix ? (long) shape.get(0) * shape.get(1) : shape.get(0);
            float gainMean = 1 - normOffset;
            boolean gain = source.name().endsWith("norm.weight");
            double scale = matrix ? 1.2 / Math.sqrt(shape.get(1)) : 0.2;
            for (int i = 0; i < TABLE; i++) {
                float value = (float) (normal[i] * scale + (gain ? gainMean : 0));
                encoded[i] = switch (type) {
                    case F16 -> HalfFloats.toFloat16(value);
                    case BF16 -> HalfFloats.toBfloat16(value);
                    default -> Float.floatToRawIntBits(value);
                };
            }
            SplittableRandom random = new SplittableRandom(seed * 31 + source.name().hashCode());
            int perBuffer = BUFFER / type.bytes();
            for (long first = 0; first < elements; first += perBuffer) {
                int count = (int) Math.min(perBuffer, elements - first);
                fill(random, count);
                if (letters && (source.name().endsWith("embed_tokens.weight") || source.name().equals("lm_head.weight"))) {
                    silence(first, count, shape.get(1));
                }
                out.write(buffer, 0, count * type.bytes());
                done += (long) count * type.bytes();
                progress.update("writing weights", done, total);
            }
        }

        /** Sets the rows of all tokens but digits and small letters to 0. */
        private void silence(long first, int count, int columns) {
            for (int i = 0; i < count; i++) {
                long token = (first + i) / columns;
                if (!(token >= '0' && token <= '9' || token >= 'a' && token <= 'z')) {
                    Arrays.fill(buffer, i * type.bytes(), (i + 1) * type.bytes(), (byte) 0);
                }
            }
        }

        private void fill(SplittableRandom random, int count) {
            long bits = 0;
            for (int i = 0; i < count; i++) {
                bits = i % 5 == 0 ? random.nextLong() : bits >>> 12;
                int value = encoded[(int) bits & TABLE - 1];
                if (type == ElementType.F32) {
                    view.putInt(4 * i, value);
                } else {
                    view.putShort(2 * i, (short) value);
                }
            }
        }
    }

    /** Byte-level BPE without merges: the bytes, the family's special tokens, then fillers up to almost the whole table. */
    private ObjectNode tokenizer() {
        List<String> special = switch (model.architecture()) {
            case QWEN2, QWEN3 -> List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
            case LLAMA -> List.of("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
                    "<|eom_id|>", "<|eot_id|>", "<|python_tag|>");
            case MISTRAL -> List.of("<unk>", "<s>", "</s>");
            case GEMMA3 -> List.of("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>");
        };
        int size = model.vocabSize() - model.vocabSize() / 1000;
        int bytes = Math.min(256, size - special.size());
        if (bytes < 1) {
            throw new InputException("vocab_size", "it is " + model.vocabSize() + ", too few for the special tokens of "
                    + model.architecture().className(), "Make it " + (256 + special.size()) + " or more", null);
        }
        ObjectNode node = JsonFiles.MAPPER.createObjectNode();
        node.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = node.putArray("added_tokens");
        for (int i = 0; i < special.size(); i++) {
            added.addObject().put("id", bytes + i).put("content", special.get(i)).put("single_word", false)
                    .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
        }
        node.putNull("normalizer");
        node.set("pre_tokenizer", byteLevel());
        node.putNull("post_processor");
        node.set("decoder", byteLevel());
        ObjectNode bpe = node.putObject("model").put("type", "BPE");
        bpe.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix").putNull("end_of_word_suffix")
                .put("fuse_unk", false).put("byte_fallback", false);
        ObjectNode vocabulary = bpe.putObject("vocab");
        int next = 256;
        for (int b = 0; b < bytes; b++) {
            boolean printable = b >= 0x21 && b <= 0x7e || b >= 0xa1 && b <= 0xac || b >= 0xae;
            vocabulary.put(new String(Character.toChars(printable ? b : next++)), b);
        }
        for (int id = bytes + special.size(); id < size; id++) {
            vocabulary.put("filler" + id, id);
        }
        bpe.putArray("merges");
        return node;
    }

    private static ObjectNode byteLevel() {
        return JsonFiles.MAPPER.createObjectNode().put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", false).put("use_regex", true);
    }
}
