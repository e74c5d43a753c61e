package org.recursivemas.pipeline.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.convert.TinyCheckpoint;
import org.recursivemas.pipeline.tasks.TaskFile;
import org.recursivemas.pipeline.tasks.TaskRecord;
import org.recursivemas.tasks.OperationPlan;
import org.recursivemas.tasks.TaskSplit;
import picocli.CommandLine;

class MainTest {
    @TempDir
    private Path folder;
    private Path source;
    private String out;
    private String err;

    @BeforeEach
    void create() throws IOException {
        source = new TinyCheckpoint(folder.resolve("in"), ElementType.BF16, 1).write();
    }

    @Test
    void everyVerbExplainsItselfAndIsListed() {
        assertEquals(0, run("--help"));
        String list = out;
        for (String verb : Main.commandLine().getSubcommands().keySet()) {
            assertTrue(list.contains("\n  " + verb + " "), verb + " is not in " + list);
            assertEquals(0, run(verb, "--help"));
            assertTrue(out.contains("Usage: recursivemas " + verb), out);
        }
        assertTrue(list.contains("convert") && list.contains("serve"), list);
    }

    @Test
    void versionIsFilledIn() {
        assertEquals(0, run("--version"));
        assertTrue(out.matches("recursivemas \\d+\\.\\d+.*\\R"), out);
    }

    @Test
    void convertAndVerifySucceed() {
        assertEquals(0, run("convert", source.toString(), out().toString(), "--quantization", "q4f32_1"));
        assertTrue(out.contains("worst rounding error: model."), out);
        assertTrue(out.contains("100 %"), out);
        assertEquals("", err);
        assertEquals(0, run("verify", out().toString()));
        assertTrue(out.contains("q4f32_1"), out);
    }

    @Test
    void verboseConversionNamesEveryTensorsWorstError() {
        assertEquals(0, run("convert", "-v", source.toString(), out().toString(), "-q", "q0f32"));
        assertTrue(out.contains("model.layers.1.self_attn.c_attn.bias: 0.00 (largest value"), out);
        assertTrue(out.contains("worst rounding error: model.embed_tokens.weight: 0.00"), out);
    }

    @Test
    void sameSeedGivesTheSameProblemsAndTheSplitIsKept() throws IOException {
        Path a = folder.resolve("a.jsonl");
        Path b = folder.resolve("b.jsonl");
        assertEquals(0, run("tasks", a.toString(), "-n", "50", "--seed", "3", "--split", "held_out"));
        assertEquals(0, run("tasks", b.toString(), "-n", "50", "--seed", "3", "--split", "held_out"));
        assertEquals(Files.readString(a), Files.readString(b));
        assertEquals(50, TaskFile.read(a, 100).size());
        for (TaskRecord task : TaskFile.read(a, 100)) {
            assertEquals(TaskSplit.HELD_OUT, TaskSplit.of(OperationPlan.parse(task.plan())));
        }
        assertEquals(1, run("tasks", a.toString(), "-n", "50", "--seed", "4"));
        assertTrue(err.contains("--overwrite"), err);
        assertEquals(2, run("tasks", a.toString(), "-n", "0", "--seed", "4"));
    }

    @Test
    void problemsForToolsHoldTheToolCallersText() throws IOException {
        Path file = folder.resolve("tools.jsonl");
        assertEquals(0, run("tasks", file.toString(), "-n", "30", "--seed", "3", "--kind", "tools"));
        for (TaskRecord task : TaskFile.read(file, 100)) {
            assertTrue(task.plan().endsWith(" *$"), task.plan());
            assertFalse(task.question().contains("costs"), task.question());
            assertTrue(task.solution().startsWith("<search>price of ") && task.solution().endsWith("Answer: " + task.answer()),
                    task.solution());
            assertTrue(task.feedback().contains("</result>Answer: "), task.feedback());
        }
        assertEquals(2, run("tasks", file.toString(), "-n", "30", "--seed", "3", "--kind", "songs"));
    }

    @Test
    void failureEndsWithOneAndOneLine() throws IOException {
        Files.delete(source.resolve("tokenizer.json"));
        assertEquals(1, run("convert", source.toString(), out().toString(), "-q", "q0f32"));
        assertTrue(err.startsWith("recursivemas: ") && err.contains("tokenizer.json: the tokenizer is missing"), err);
        assertEquals(1, err.lines().count());
        assertFalse(Files.exists(out()));
        Files.delete(source.resolve("config.json"));
        assertEquals(1, run("convert", source.toString(), out().toString(), "-q", "q0f32"));
        assertEquals(1, err.lines().count());
    }

    @Test
    void debugAddsTheStackTrace() {
        assertEquals(1, run("verify", "--debug", folder.toString()));
        assertTrue(err.contains("\tat org.recursivemas"), err);
    }

    @Test
    void wrongUsageEndsWithTwo() {
        assertEquals(2, run());
        assertEquals(2, run("fly"));
        assertEquals(2, run("convert", source.toString()));
        assertEquals(2, run("convert", source.toString(), out().toString()));
        assertEquals(2, run("convert", source.toString(), out().toString(), "-q", "q5"));
        assertTrue(err.contains("unknown quantization 'q5'") && err.contains("q4f16_1"), err);
        assertEquals(2, run("convert", source.toString(), out().toString(), "-q", "q0f32", "--float32-codec", "zip"));
        assertEquals(2, run("serve", folder.toString(), "--port", "many"));
        assertFalse(Files.exists(out()));
    }

    private Path out() {
        return folder.resolve("out");
    }

    private int run(String... arguments) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(outText)).setErr(new PrintWriter(errText));
        int code = line.execute(arguments);
        out = outText.toString();
        err = errText.toString();
        return code;
    }
}
