package org.recursivemas.pipeline.convert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.recursivemas.compiler.LibraryCompiler;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.ParamTable.Param;
import org.recursivemas.compiler.ParamTable.Role;
import org.recursivemas.compiler.ParamTable.Source;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.library.DType;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.checkpoint.TensorInfo;
import org.recursivemas.pipeline.checkpoint.WeightDigest;

/**
 * Converts a Hugging Face folder into one that WebLLM loads. All input is checked before anything is written; the
 * output appears under its name only when it is complete.
 */
public final class Converter {
    /** Lists the folder's files with sizes and digests; its presence marks a folder made by this tool. */
    public static final String MANIFEST = "manifest.json";

    /** Files that may be on their way to the disk while the next one is written. */
    private static final int MOST_CLOSING = 3;

    /** Hears of progress. */
    public interface Listener {
        /**
         * A tensor has been written.
         *
         * @param error      the worst rounding error in it
         * @param bytesDone  shard bytes written so far
         * @param bytesTotal shard bytes in all
         */
        void tensorWritten(RoundingError error, long bytesDone, long bytesTotal);
    }

    /**
     * What was made.
     *
     * @param folder      the output
     * @param tensors     number of tensors
     * @param shards      number of shard files
     * @param shardBytes  bytes of all shards
     * @param sourceBytes bytes of the checkpoint's tensors
     * @param worst       the worst rounding error of all
     * @param unused      checkpoint tensors that the model does not need
     */
    public record Result(Path folder, int tensors, int shards, long shardBytes, long sourceBytes, RoundingError worst,
            List<String> unused) {
    }

    private record Planned(Param param, boolean bfloat16, long bytes) {
        String format() {
            return bfloat16 ? TensorCache.BF16 : TensorCache.RAW;
        }
    }

    private final Path source;
    private final Quantization quantization;
    private final Float32Codec codec;
    private final ChatOptions chat;
    private final OutputDevice device;

    /** @param source folder with config.json, tokenizer.json and safetensors */
    public Converter(Path source, Quantization quantization, Float32Codec codec, ChatOptions chat) {
        this(source, quantization, codec, chat, OutputDevice.DISK);
    }

    Converter(Path source, Quantization quantization, Float32Codec codec, ChatOptions chat, OutputDevice device) {
        this.source = source;
        this.quantization = quantization;
        this.codec = codec;
        this.chat = chat;
        this.device = device;
    }

    /**
     * Converts.
     *
     * @param target    the folder to be made
     * @param overwrite whether a folder made by an earlier conversion may be replaced
     * @throws InputException when the checkpoint is unusable or the output cannot be written; then nothing is left
     *                        behind
     */
    public Result convert(Path target, boolean overwrite, Listener listener) {
        if (!Files.isDirectory(source)) {
            throw new InputException(source, null, "there is no such folder",
                    "Name a folder with config.json, safetensors files and tokenizer.json");
        }
        ModelConfig model = ModelConfig.read(source.resolve("config.json"));
        List<Param> params = new ParamTable(model, quantization).params();
        requireBuffers(params);
        TokenizerFile tokenizer = TokenizerFile.read(source.resolve(TokenizerFile.NAME));
        ObjectNode chatConfig = new ChatConfig(source, model, quantization, tokenizer, chat).build();
        try (Checkpoint checkpoint = Checkpoint.open(source);
                TensorEncoder encoder = new TensorEncoder(checkpoint, quantization)) {
            checkSources(checkpoint, params);
            List<Planned> plan = plan(params, encoder);
            long total = plan.stream().mapToLong(Planned::bytes).sum();
            // The digest of the source takes one processor for a while; the conversion goes on beside it.
            Future<String> sourceDigest = DigestedOutput.behind(() -> WeightDigest.ofCheckpoint(source));
            try (StagedFolder staged = new StagedFolder(target, overwrite, MANIFEST)) {
                checkSpace(staged.path(), target, total);
                List<DigestedOutput.Digest> files = new ArrayList<>();
                Writer writer = new Writer(staged.path(), plan, encoder, total, listener);
                writer.write(files);
                files.add(text(staged, TensorCache.FILE, new TensorCache(metadata(plan, checkpoint), writer.shards)));
                files.add(text(staged, ChatConfig.FILE, chatConfig));
                files.add(copy(tokenizer.file(), staged.path().resolve(TokenizerFile.NAME)));
                text(staged, MANIFEST, manifest(model, checkpoint, DigestedOutput.await(sourceDigest), files,
                        writer.worst));
                staged.publish();
                return new Result(target, plan.size(), writer.shards.size(), total, checkpoint.bytes(), writer.worst,
                        unused(checkpoint, params));
            } finally {
                sourceDigest.cancel(true); // nobody wants it any more when the conversion has failed
            }
        }
    }

    /** No tensor is ever split, so this also keeps every file below what GitHub's releases take, 2 GiB. */
    private void requireBuffers(List<Param> params) {
        for (Param param : params) {
            if (param.bytes() > LibraryCompiler.MAX_BUFFER_BYTES) {
                throw new InputException(source.resolve("config.json"), "quantization " + quantization.text(), param.name()
                        + " would have " + param.bytes() + " bytes in memory, but a buffer of WebLLM holds at most "
                        + LibraryCompiler.MAX_BUFFER_BYTES, "Use a quantization with fewer bits, e.g. q4f16_1");
            }
        }
    }

    private void checkSources(Checkpoint checkpoint, List<Param> params) {
        for (Param param : params) {
            for (Source wanted : param.sources()) {
                TensorInfo tensor = checkpoint.info(wanted.name());
                List<Long> shape = wanted.shape().stream().map(Integer::longValue).toList();
                if (!tensor.shape().equals(shape)) {
                    throw new InputException(tensor.file(), "tensor " + tensor.name(), "its shape is " + tensor.shape()
                            + ", config.json asks for " + shape, "Use config.json and weights of the same model");
                }
                if (!tensor.type().isWeight()) {
                    throw new InputException(tensor.file(), "tensor " + tensor.name(), "its dtype is " + tensor.type()
                            + ", not a float type weights can have", "Save the checkpoint with dtype BF16, F16 or F32");
                }
            }
        }
    }

    private List<Planned> plan(List<Param> params, TensorEncoder encoder) {
        List<Planned> plan = new ArrayList<>();
        for (Param param : params) {
            boolean bfloat16 = param.dtype() == DType.FLOAT32 && switch (codec) {
                case RAW -> false;
                case BF16 -> true;
                case AUTO -> encoder.fitsBfloat16(param);
            };
            plan.add(new Planned(param, bfloat16, bfloat16 ? param.elements() * 2 : param.bytes()));
        }
        return plan;
    }

    private void checkSpace(Path staging, Path target, long needed) {
        long usable;
        try {
            usable = device.usableSpace(staging);
        } catch (IOException e) {
            throw new InputException(target.toString(), "the disk's free space cannot be read (" + e + ")",
                    "Name an output folder on another disk", e);
        }
        if (usable < needed) {
            throw new InputException(target, null, "the shards take " + needed + " bytes, the disk has only " + usable
                    + " free", "Free space there or name an output folder on another disk");
        }
    }

    private TensorCache.Metadata metadata(List<Planned> plan, Checkpoint checkpoint) {
        double bytes = plan.stream().mapToLong(planned -> planned.param().bytes()).sum();
        return new TensorCache.Metadata(plan.size(), bytes, bytes * 8 / checkpoint.elements());
    }

    private static List<String> unused(Checkpoint checkpoint, List<Param> params) {
        Set<String> used = new HashSet<>();
        params.forEach(param -> param.sources().forEach(wanted -> used.add(wanted.name())));
        Set<String> unused = new TreeSet<>(checkpoint.names());
        unused.removeAll(used);
        return List.copyOf(unused);
    }

    private ObjectNode manifest(ModelConfig model, Checkpoint checkpoint, String sourceDigest,
            List<DigestedOutput.Digest> files, RoundingError worst) {
        ObjectNode root = JsonFiles.MAPPER.createObjectNode();
        root.put("format", "recursivemas-model");
        root.put("format_version", 1);
        root.putObject("tool").put("name", ToolVersion.NAME).put("version", ToolVersion.VERSION);
        root.putObject("source").put("name", source.toAbsolutePath().normalize().getFileName().toString())
                .put("architecture", model.architecture().className())
                .put("elements", checkpoint.elements()).put("bytes", checkpoint.bytes())
                .put("sha256", sourceDigest);
        root.put("quantization", quantization.text());
        root.put("float32_codec", codec.text());
        root.putObject("worst_rounding_error").put("tensor", worst.tensor()).put("absolute", worst.worst())
                .put("largest_value", worst.largest());
        ArrayNode list = root.putArray("files");
        for (DigestedOutput.Digest file : files) {
            list.addObject().put("name", file.name()).put("bytes", file.bytes()).put("sha256", file.sha256());
        }
        return root;
    }

    private DigestedOutput.Digest text(StagedFolder staged, String name, Object content) {
        return DigestedOutput.text(device, staged.path().resolve(name), JsonFiles.text(content));
    }

    private DigestedOutput.Digest copy(Path from, Path to) {
        byte[] buffer = new byte[1 << 16];
        try (InputStream input = Files.newInputStream(from); DigestedOutput output = new DigestedOutput(device, to)) {
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                output.write(buffer, count);
            }
            return output.finish();
        } catch (IOException e) {
            throw new InputException(from.toString(), "it cannot be read (" + e + ")", "Fetch the file again", e);
        }
    }

    /** Writes the shards in plan order and remembers what it wrote. */
    private final class Writer {
        private final Path folder;
        private final List<Planned> plan;
        private final TensorEncoder encoder;
        private final long total;
        private final Listener listener;
        private final List<TensorCache.Shard> shards = new ArrayList<>();
        private long done;
        private RoundingError worst;

        Writer(Path folder, List<Planned> plan, TensorEncoder encoder, long total, Listener listener) {
            this.folder = folder;
            this.plan = plan;
            this.encoder = encoder;
            this.total = total;
            this.listener = listener;
        }

        void write(List<DigestedOutput.Digest> files) {
            Deque<Future<?>> closings = new ArrayDeque<>();
            try {
                for (List<Integer> members : ShardPlan.of(plan.stream().map(Planned::bytes).toList(), ShardPlan.CAP)) {
                    writeShard(members, files, closings);
                    if (closings.size() > MOST_CLOSING) {
                        DigestedOutput.await(closings.remove());
                    }
                }
            } finally {
                while (!closings.isEmpty()) { // after a failure too: the folder is deleted next
                    DigestedOutput.await(closings.remove());
                }
            }
        }

        private void writeShard(List<Integer> members, List<DigestedOutput.Digest> files, Deque<Future<?>> closings) {
            DigestedOutput output = new DigestedOutput(device, folder.resolve("params_shard_" + shards.size() + ".bin"));
            List<TensorCache.Entry> entries = new ArrayList<>();
            long offset = 0;
            try {
                for (int member : members) {
                    Planned planned = plan.get(member);
                    Param param = planned.param();
                    entries.add(new TensorCache.Entry(param.name(), param.shape(), param.dtype().text(),
                            planned.format(), planned.bytes(), offset));
                    writeTensor(member, output);
                    offset += planned.bytes();
                }
            } catch (RuntimeException e) {
                output.abandon(e);
                throw e;
            }
            DigestedOutput.Digest digest = output.finishBehind(closings);
            if (digest.bytes() != offset) {
                throw new IllegalStateException(digest.name() + " has " + digest.bytes() + " bytes instead of " + offset);
            }
            files.add(digest);
            shards.add(new TensorCache.Shard(digest.name(), "raw-shard", digest.bytes(), entries, digest.md5()));
        }

        private void writeTensor(int index, DigestedOutput output) {
            Planned planned = plan.get(index);
            // The error of packed weights depends on how their scales, which follow them, are stored.
            Planned decisive = planned.param().role() == Role.Q_WEIGHT ? plan.get(index + 1) : planned;
            RoundingError error = encoder.encode(planned.param(), decisive.bfloat16(), output::write);
            done += planned.bytes();
            worst = RoundingError.worse(worst, error);
            listener.tensorWritten(error, done, total);
        }
    }
}
