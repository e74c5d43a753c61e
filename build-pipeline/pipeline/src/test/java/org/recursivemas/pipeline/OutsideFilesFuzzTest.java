package org.recursivemas.pipeline;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.LinkFile;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.checkpoint.SafetensorsFile;
import org.recursivemas.pipeline.checkpoint.SafetensorsWriter;
import org.recursivemas.pipeline.checkpoint.TensorInfo;
import org.recursivemas.pipeline.convert.ChatOptions;
import org.recursivemas.pipeline.convert.ConvertedModel;
import org.recursivemas.pipeline.convert.Converter;
import org.recursivemas.pipeline.convert.Float32Codec;
import org.recursivemas.pipeline.convert.TinyCheckpoint;
import org.recursivemas.pipeline.convert.TokenizerFile;
import org.recursivemas.pipeline.imports.LinkImport;
import org.recursivemas.pipeline.imports.TeamImport;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.twin.TwinTokenizer;

/** Files that come from outside, damaged in every way: see {@link Fuzz}. */
class OutsideFilesFuzzTest {
    private static final long MEGABYTE = 1 << 20;
    private static final Path RELEASED = Path.of("src/test/resources/released");

    @TempDir
    private Path folder;

    @BeforeEach
    void noTrace() throws IOException {
        Files.deleteIfExists(Path.of("executed-by-pickle"));
    }

    @AfterEach
    void nothingWasRunAndNothingWrittenOutside() {
        assertFalse(Files.exists(Path.of("executed-by-pickle")));
        assertFalse(Files.exists(folder.resolveSibling("outside")));
    }

    private void importLink(Path file, Path output) throws IOException {
        Files.deleteIfExists(output);
        LinkImport.run(new LinkImport.Options(file, output, "t", "a", "a", 0, null, false));
    }

    @Test
    void pyTorchFiles() throws IOException {
        Path file = folder.resolve("link.pt");
        Path output = folder.resolve("links.json");
        byte[] sound = Files.readAllBytes(RELEASED.resolve("odd/inner-f32.pt"));
        Fuzz fuzz = new Fuzz(file, 8 * MEGABYTE, read -> importLink(read, output), "link.pt");
        fuzz.bytes(sound, 500, 1).atLeastRefused(125);
    }

    @Test
    void picklesInWholeZips() throws IOException {
        Path file = folder.resolve("link.pt");
        Path output = folder.resolve("links.json");
        for (String name : List.of("odd/inner-parameters.pt", "odd/malicious-system.pt",
                "mixture/Mixture-Code-Qwen2.5-Coder-3B/adapter.pt")) {
            Path source = RELEASED.resolve(name);
            byte[] pickle = record(source, "data.pkl");
            Fuzz fuzz = new Fuzz(folder.resolve("pickle"), 8 * MEGABYTE, damaged -> {
                Files.deleteIfExists(file);
                Files.write(file, zip(source, "data.pkl", Files.readAllBytes(damaged), false));
                importLink(file, output);
            }, "link.pt");
            fuzz.bytes(pickle, 400, 2).atLeastRefused(200);
        }
    }

    private static byte[] record(Path file, String end) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.stream().filter(e -> e.getName().endsWith(end)).findAny().orElseThrow();
            return zip.getInputStream(entry).readAllBytes();
        }
    }

    /** The zip with another content for one record, stored or compressed. */
    private static byte[] zip(Path file, String end, byte[] content, boolean compressed) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipFile zip = new ZipFile(file.toFile()); ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (ZipEntry entry : zip.stream().toList()) {
                byte[] record = entry.getName().endsWith(end) ? content : zip.getInputStream(entry).readAllBytes();
                ZipEntry copy = new ZipEntry(entry.getName());
                if (!compressed) {
                    CRC32 sum = new CRC32();
                    sum.update(record);
                    copy.setMethod(ZipEntry.STORED);
                    copy.setSize(record.length);
                    copy.setCrc(sum.getValue());
                }
                out.putNextEntry(copy);
                out.write(record);
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void zipBombsAreRefusedUnread() throws IOException {
        Path file = folder.resolve("link.pt");
        Path source = RELEASED.resolve("odd/inner-f32.pt");
        Path output = folder.resolve("links.json");
        Fuzz fuzz = new Fuzz(file, MEGABYTE, read -> importLink(read, output), "link.pt");
        fuzz.check(zip(source, "data.pkl", new byte[64 << 20], true), "64 MB pickle in 64 KB");
        fuzz.check(zip(source, "data/4", new byte[64 << 20], true), "64 MB of weights in 64 KB");
        fuzz.atLeastRefused(2);
    }

    @Test
    void picklesThatPileUpAreCutOff() throws IOException {
        Path file = folder.resolve("link.pt");
        Path source = RELEASED.resolve("odd/inner-f32.pt");
        Path output = folder.resolve("links.json");
        Fuzz fuzz = new Fuzz(file, 256 * MEGABYTE, read -> importLink(read, output), "link.pt");
        for (String piece : List.of("]", "}", "(", "K\u0001", "N", "]q\u0001", "X\u0001\u0000\u0000\u0000a", "](h\u0000e")) {
            byte[] pickle = ("\u0080\u0002]q\u0000" + piece.repeat((3 << 20) / piece.length()) + ".")
                    .getBytes(StandardCharsets.ISO_8859_1);
            fuzz.check(zip(source, "data.pkl", pickle, false), "many " + piece);
        }
        fuzz.check(zip(source, "data.pkl", new byte[5 << 20], false), "5 MB of nothing");
        fuzz.atLeastRefused(9);
    }

    private static void readAll(SafetensorsFile file) {
        for (TensorInfo tensor : file.tensors().values()) {
            float[] values = new float[(int) Math.min(tensor.elements(), 1 << 16)];
            file.read(tensor, 0, values, 0, values.length);
        }
    }

    @Test
    void safetensors() throws IOException {
        Path file = folder.resolve("model.safetensors");
        new SafetensorsWriter().add("a", ElementType.F32, new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .add("b", ElementType.BF16, new float[] {1, 2}, 2).write(file);
        byte[] sound = Files.readAllBytes(file);
        Fuzz fuzz = new Fuzz(file, 2 * MEGABYTE, read -> {
            try (SafetensorsFile opened = SafetensorsFile.open(read)) {
                readAll(opened);
            }
        }, "model.safetensors");
        fuzz.bytes(sound, 700, 3);
        int header = (int) sound[0] & 0xff;
        byte[] json = Arrays.copyOfRange(sound, 8, 8 + header);
        Fuzz headers = new Fuzz(folder.resolve("header"), 8 * MEGABYTE, damaged -> {
            byte[] changed = Files.readAllBytes(damaged);
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (int i = 0; i < 8; i++) {
                whole.write((int) ((long) changed.length >>> 8 * i));
            }
            whole.write(changed);
            whole.write(sound, 8 + header, sound.length - 8 - header);
            Files.deleteIfExists(file);
            Files.write(file, whole.toByteArray());
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                readAll(opened);
            }
        }, "model.safetensors");
        headers.json(json, 600, 4).atLeastRefused(300);
        headers.check(("{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000)).getBytes(StandardCharsets.UTF_8), "deep header");
        headers.check(("{\"__metadata__\":" + "[".repeat(200_000) + "]".repeat(200_000) + "}")
                .getBytes(StandardCharsets.UTF_8), "deep metadata");
    }

    @Test
    void shardIndexes() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().add("a", ElementType.F32, new float[] {1, 2}, 2)
                .add("b", ElementType.F32, new float[] {3}, 1);
        writer.writeSharded(folder);
        Path index = folder.resolve("model.safetensors.index.json");
        byte[] sound = Files.readAllBytes(index);
        Fuzz fuzz = new Fuzz(index, 2 * MEGABYTE, read -> {
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                for (String name : checkpoint.names()) {
                    checkpoint.read(name, 0, new float[1], 0, 1);
                }
            }
        }, "index.json", ".safetensors");
        fuzz.json(sound, 500, 5).bytes(sound, 500, 6).atLeastRefused(250);
    }

    @Test
    void modelConfigs() throws IOException {
        Path file = folder.resolve("config.json");
        for (String source : List.of("tiny-qwen2/config.json",
                "released/mixture/Mixture-Science-BioMistral-7B/config.json")) {
            byte[] sound = Files.readAllBytes(Path.of("src/test/resources").resolve(source));
            new Fuzz(file, 8 * MEGABYTE, ModelConfig::read, "config.json").json(sound, 400, 7).bytes(sound, 200, 8)
                    .atLeastRefused(120);
        }
    }

    @Test
    void tokenizers() throws IOException {
        byte[] sound = Files.readAllBytes(new TinyCheckpoint(folder.resolve("tiny"), ElementType.F32, 1).write()
                .resolve("tokenizer.json"));
        Path file = folder.resolve("tokenizer.json");
        new Fuzz(file, 8 * MEGABYTE, TokenizerFile::read, "tokenizer.json").json(sound, 500, 9).bytes(sound, 300, 10)
                .atLeastRefused(100);
        new Fuzz(file, 8 * MEGABYTE, read -> {
            try (TwinTokenizer tokenizer = TwinTokenizer.load(read)) {
                tokenizer.encode("ab");
            }
        }, "tokenizer.json").json(sound, 100, 11).bytes(sound, 100, 12).atLeastRefused(25);
    }

    @Test
    void tensorCaches() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.BF16, 1).write();
        Path model = folder.resolve("out");
        new Converter(source, Quantization.Q4F32_1, Float32Codec.BF16, ChatOptions.USUAL)
                .convert(model, false, (error, done, total) -> { });
        for (String name : List.of("tensor-cache.json", "mlc-chat-config.json")) {
            Path file = model.resolve(name);
            byte[] sound = Files.readAllBytes(file);
            Fuzz fuzz = new Fuzz(file, 16 * MEGABYTE, read -> {
                try (ConvertedModel opened = ConvertedModel.open(model)) {
                    for (String tensor : opened.names()) {
                        opened.read(tensor, 0, new float[2], 0, 2);
                    }
                }
            }, name, "tensor-cache.json", "params_shard_0.bin");
            fuzz.json(sound, 150, 13).bytes(sound, 100, 14).atLeastRefused(20);
            Files.write(file, sound);
        }
    }

    @Test
    void ownLinkFiles() throws IOException {
        Path file = folder.resolve("links.json");
        importLink(RELEASED.resolve("odd/inner-f32.pt"), file);
        byte[] inside = Files.readAllBytes(file);
        Fuzz.Reader reader = read -> {
            LinkFile links = TeamFiles.links(read);
            links.links.forEach(LinkWeights::decode);
        };
        new Fuzz(file, 8 * MEGABYTE, reader, "links.json", "link \"").json(inside, 500, 15).bytes(inside, 350, 16)
                .atLeastRefused(250);
        Files.write(file, inside);
        TeamFiles.writeLinksBeside(file, TeamFiles.links(file));
        byte[] beside = Files.readAllBytes(file);
        new Fuzz(file, 8 * MEGABYTE, reader, "links.json", "link \"", ".safetensors").json(beside, 400, 17)
                .atLeastRefused(150);
    }

    @Test
    void linkFilesOfTheOtherProject() throws IOException {
        Path file = folder.resolve("foreign.json");
        Path output = folder.resolve("links.json");
        String lists = "{\"hidden\": 2, \"norm\": true, \"gelu\": \"tanh\", \"links\": [{\"w1\": [[1, 2]], \"b1\": [3], "
                + "\"w2\": [[4], [5]], \"b2\": [6, 7], \"w3\": [[1, 0], [0, 1]], \"scale\": 0.5}]}";
        String compact = "{\"hidden\": 2, \"bottleneck\": 1, \"fmt\": \"f16b64\", \"links\": [{\"w1\": \"ADwAQA==\", "
                + "\"b1\": \"ADw=\", \"w2\": \"ADwAQA==\", \"b2\": \"ADwAQA==\", \"scale\": 0.5}]}";
        Fuzz fuzz = new Fuzz(file, 8 * MEGABYTE, read -> importLink(read, output), "foreign.json");
        for (String sound : List.of(lists, compact)) {
            fuzz.json(sound.getBytes(StandardCharsets.UTF_8), 400, 18).bytes(sound.getBytes(StandardCharsets.UTF_8), 400,
                    19);
        }
        fuzz.atLeastRefused(600);
    }

    @Test
    void tasksAndTeams() throws IOException {
        Path tasks = folder.resolve("tasks.jsonl");
        String line = "{\"question\": \"1 + 1?\", \"answer\": \"2\", \"plan\": \"add\"}\n";
        new Fuzz(tasks, 2 * MEGABYTE, read -> TeamFiles.problems(read, 0, 100, List.of("question", "answer")),
                "tasks.jsonl").json(line.getBytes(StandardCharsets.UTF_8), 500, 20)
                .bytes((line + line).getBytes(StandardCharsets.UTF_8), 650, 21).atLeastRefused(200);
        Path team = folder.resolve("team.json");
        byte[] sound = Files.readAllBytes(Path.of("../demo/team.json"));
        new Fuzz(team, 8 * MEGABYTE, TeamFiles::team, "team.json").json(sound, 800, 22).bytes(sound, 300, 23)
                .atLeastRefused(250);
    }

    @Test
    void manifestsOfReleasedTeams() throws IOException {
        Path release = folder.resolve("release");
        try (Stream<Path> walk = Files.walk(RELEASED.resolve("sequential-light"))) {
            for (Path entry : walk.filter(Files::isRegularFile).toList()) {
                Path target = release.resolve(RELEASED.resolve("sequential-light").relativize(entry).toString());
                Files.createDirectories(target.getParent());
                Files.copy(entry, target);
            }
        }
        Map<String, String> manifests = Map.of("Sequential-Light-Outerlinks", "outerlink_config.json",
                "Sequential-Light-Planner-Qwen3-1.7B", "innerlink_config.json");
        for (Map.Entry<String, String> manifest : manifests.entrySet()) {
            Path file = release.resolve(manifest.getKey()).resolve(manifest.getValue());
            byte[] sound = Files.readAllBytes(file);
            Fuzz fuzz = new Fuzz(file, 16 * MEGABYTE, read -> {
                Files.deleteIfExists(folder.resolve("team/recursivelink.json"));
                TeamImport.run(new TeamImport.Options(release, folder.resolve("team"), null, "math", null, null, null, null,
                        Map.of(), Map.of(), true, false, true), Progress.NONE);
            }, "release");
            fuzz.json(sound, 40, 24).bytes(sound, 20, 25).atLeastRefused(10);
            Files.write(file, sound);
        }
    }
}
