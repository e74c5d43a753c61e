package org.recursivemas.pipeline.tasks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import org.recursivemas.tasks.OperationPlan;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;

/** Reads and writes task files (JSON lines of {@link TaskRecord}). */
public final class TaskFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TaskFile() {
    }

    /**
     * Generates {@code count} problems into {@code file}. Written aside and renamed, so an interrupted run leaves no half file.
     *
     * @param interleaved percent of the stories of two people that are not told one person after the other
     * @param tools whether prices are not told and solutions are those of a tool caller
     * @param progress told the number of problems written so far, every thousand
     */
    public static void generate(Path file, long count, long seed, TaskSplit split, int interleaved, boolean tools,
            LongConsumer progress)
            throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".part");
        StoryProblemGenerator generator = tools ? StoryProblemGenerator.forTools(seed, split, interleaved)
                : new StoryProblemGenerator(seed, split, interleaved);
        DraftCorrupter corrupter = new DraftCorrupter(new Random(seed));
        try (BufferedWriter out = Files.newBufferedWriter(aside)) {
            for (long i = 0; i < count; i++) {
                StoryProblem problem = generator.next();
                out.write(JSON.writeValueAsString(new TaskRecord(problem.question(), problem.plan().text(),
                        corrupter.draft(problem.plan().text()), solution(problem, problem.plan(), tools),
                        solution(problem, corrupter.worked(problem), tools), problem.answer())));
                out.write('\n');
                if ((i + 1) % 1000 == 0) {
                    progress.accept(i + 1);
                }
            }
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(aside);
            throw e;
        }
        Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String solution(StoryProblem problem, OperationPlan worked, boolean tools) {
        return tools ? problem.toolSolution(worked) : worked.solution();
    }

    /**
     * Reads at most {@code limit} problems.
     *
     * @throws IOException naming file and line when a line is not a task record
     */
    public static List<TaskRecord> read(Path file, int limit) throws IOException {
        List<TaskRecord> records = new ArrayList<>();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            String line;
            for (int number = 1; records.size() < limit && (line = in.readLine()) != null; number++) {
                if (line.isBlank()) {
                    continue;
                }
                try {
                    TaskRecord record = JSON.readValue(line, TaskRecord.class);
                    if (record.question() == null || record.answer() == null) {
                        throw new IOException(file + " line " + number + ": \"question\" and \"answer\" are required");
                    }
                    records.add(record);
                } catch (JsonProcessingException e) {
                    throw new IOException(file + " line " + number + ": not a task record: " + e.getOriginalMessage(), e);
                }
            }
        }
        return records;
    }
}
