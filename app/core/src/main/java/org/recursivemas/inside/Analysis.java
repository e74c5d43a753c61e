package org.recursivemas.inside;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.InsideGrid;
import org.recursivemas.data.InsideReport;
import org.recursivemas.data.InsideTokens;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.VocabularyLens;

/**
 * Describes the latents of a run, block by block. Blocks of one agent, kind and reader belong together: the same step of
 * different rounds is compared, and all of them share one projection.
 */
public final class Analysis {
    /** Tokens for each latent step. */
    public static final int TOKENS = 5;
    /** Rows whose cosine with their mean is above this everywhere are called collapsed. */
    public static final double COLLAPSED_COSINE = 0.995;
    /** Inputs this many times larger or smaller than the reader's token embeddings are called far. */
    public static final double FAR_FACTOR = 10;

    /** A grid has at most this many rows, or one more for each round; then steps are left out evenly. */
    public static final int GRID_ROWS = 60;

    private final InsideReport report = new InsideReport();
    private final List<float[][]> rows = new ArrayList<>();

    /**
     * Adds a block.
     *
     * @param values [m][width], m at least 1
     * @param reader the model in whose vocabulary they are read
     */
    public void add(String agent, int round, String kind, String readerId, float[][] values, LanguageModel reader) {
        InsideBlock block = new InsideBlock();
        block.agent = agent;
        block.round = round;
        block.kind = kind;
        block.reader = readerId;
        block.norms = new double[values.length];
        block.stepCosines = new double[values.length - 1];
        for (int i = 0; i < values.length; i++) {
            block.norms[i] = Geometry.norm(values[i]);
            if (i > 0) {
                block.stepCosines[i - 1] = Geometry.cosine(values[i - 1], values[i]);
            }
        }
        block.collapsed = collapsed(values);
        int before = indexOf(agent, round - 1, kind, readerId);
        if (before >= 0) {
            block.roundCosines = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                block.roundCosines[i] = Geometry.cosine(rows.get(before)[i], values[i]);
            }
        }
        if (reader instanceof VocabularyLens) {
            read(block, values, reader, (VocabularyLens) reader);
        }
        report.blocks.add(block);
        rows.add(values);
    }

    private static void read(InsideBlock block, float[][] values, LanguageModel reader, VocabularyLens lens) {
        boolean state = block.kind.equals(InsideBlock.HIDDEN);
        block.embeddingNorm = lens.embeddingNorm();
        double mean = 0;
        for (double norm : block.norms) {
            mean += norm / block.norms.length;
        }
        block.farNorm = !state && (mean > FAR_FACTOR * block.embeddingNorm || mean * FAR_FACTOR < block.embeddingNorm);
        for (VocabularyLens.Nearest nearest : lens.nearest(values, TOKENS, !state)) {
            InsideTokens tokens = new InsideTokens();
            tokens.scores = new double[nearest.ids().length];
            for (int i = 0; i < tokens.scores.length; i++) {
                int id = nearest.ids()[i];
                String text = reader.detokenize(new int[] {id});
                tokens.texts.add(text.isEmpty() ? "<" + id + ">" : text);
                tokens.scores[i] = nearest.scores()[i];
            }
            block.tokens.add(tokens);
        }
    }

    /** Projects what belongs together and closes the report. */
    public InsideReport finish(double keptBytes) {
        report.keptBytes = keptBytes;
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            InsideBlock block = report.blocks.get(i);
            groups.computeIfAbsent(block.agent + "\n" + block.kind + "\n" + block.reader, key -> new ArrayList<>()).add(i);
        }
        for (List<Integer> group : groups.values()) {
            project(group);
            if (report.blocks.get(group.get(0)).kind.equals(InsideBlock.HIDDEN)) {
                report.grids.add(grid(group));
            }
        }
        return report;
    }

    private void project(List<Integer> group) {
        List<float[]> all = new ArrayList<>();
        for (int index : group) {
            all.addAll(List.of(rows.get(index)));
        }
        Geometry.Projection projection = Geometry.project(all);
        int at = 0;
        for (int index : group) {
            InsideBlock block = report.blocks.get(index);
            int count = rows.get(index).length;
            block.pathX = new double[count];
            block.pathY = new double[count];
            for (int i = 0; i < count; i++, at++) {
                block.pathX[i] = projection.x[at];
                block.pathY[i] = projection.y[at];
            }
            block.explained = projection.explained.clone();
        }
    }

    private InsideGrid grid(List<Integer> group) {
        InsideGrid grid = new InsideGrid();
        int all = Integer.MAX_VALUE;
        for (int index : group) {
            all = Math.min(all, rows.get(index).length);
        }
        grid.agent = report.blocks.get(group.get(0)).agent;
        grid.rounds = group.size();
        grid.stride = (grid.rounds * all + GRID_ROWS - 1) / GRID_ROWS;
        grid.steps = (all + grid.stride - 1) / grid.stride;
        List<float[]> taken = new ArrayList<>();
        for (int index : group) {
            for (int i = 0; i < all; i += grid.stride) {
                taken.add(rows.get(index)[i]);
            }
        }
        int n = taken.size();
        grid.cosines = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double cosine = Math.round(1000 * Geometry.cosine(taken.get(i), taken.get(j))) / 1000.0;
                grid.cosines[i * n + j] = cosine;
                grid.cosines[j * n + i] = cosine;
            }
        }
        return grid;
    }

    private int indexOf(String agent, int round, String kind, String reader) {
        for (int i = 0; i < rows.size(); i++) {
            InsideBlock block = report.blocks.get(i);
            if (block.round == round && block.agent.equals(agent) && block.kind.equals(kind)
                    && block.reader.equals(reader)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether two or more rows all point where their mean points; rows of zeros do. */
    static boolean collapsed(float[][] values) {
        if (values.length < 2) {
            return false;
        }
        float[] mean = new float[values[0].length];
        for (float[] row : values) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i] / values.length;
            }
        }
        if (Geometry.norm(mean) == 0) {
            for (float[] row : values) {
                if (Geometry.norm(row) > 0) {
                    return false;
                }
            }
            return true;
        }
        for (float[] row : values) {
            if (Geometry.cosine(row, mean) < COLLAPSED_COSINE) {
                return false;
            }
        }
        return true;
    }
}
