package org.recursivemas.pipeline.twin;

import java.util.Arrays;
import org.recursivemas.compiler.ModelConfig;

/**
 * One sequence going through a model: its KV cache and scratch memory. For one thread at a time.
 */
public final class TwinState {
    /** Rows that go through the layers together. */
    static final int BLOCK = 32;
    private static final int FIRST_CAPACITY = 128;

    private final TwinWeights weights;
    private final ModelConfig config;
    /** [1 or 2][headSize / 2]: of layers that see everything, then, where they differ, of those that see a window. */
    private final float[][] frequencies;
    private final float scoreScale;
    private int position;
    private int capacity;
    /** [layer][kvHead][headSize][capacity]: the scores of a query are a weighted sum of rows. */
    private final float[][][][] keys;
    /** [layer][kvHead][capacity][headSize]. */
    private final float[][][][] values;

    // Scratch, first dimension BLOCK.
    private final float[][] x;
    private final float[][] normed;
    private final float[][] qkv;
    private final float[][] attended;
    private final float[][] gateUp;
    private final float[][] activated;
    /** What a layer adds to x, where it is normed first; null in other families. */
    private final float[][] branch;
    /** [1 or 2][BLOCK][headSize / 2]. */
    private final float[][][] cosines;
    private final float[][][] sines;
    private final float[] query;
    private final float[] mixed;
    private float[] scores = {};

    /** An empty sequence. */
    public TwinState(TwinWeights weights) {
        this.weights = weights;
        this.config = weights.config();
        int half = config.headSize() / 2;
        float[] everywhere = config.rope().frequencies(config.headSize());
        frequencies = config.slidingRope().equals(config.rope()) ? new float[][] {everywhere}
                : new float[][] {everywhere, config.slidingRope().frequencies(config.headSize())};
        scoreScale = (float) config.attentionScale();
        x = new float[BLOCK][config.hiddenSize()];
        normed = new float[BLOCK][config.hiddenSize()];
        qkv = new float[BLOCK][config.attentionRows()];
        attended = new float[BLOCK][config.attentionWidth()];
        gateUp = new float[BLOCK][2 * config.intermediateSize()];
        activated = new float[BLOCK][config.intermediateSize()];
        branch = config.architecture().sandwichNorms() ? new float[BLOCK][config.hiddenSize()] : null;
        cosines = new float[frequencies.length][BLOCK][half];
        sines = new float[frequencies.length][BLOCK][half];
        query = new float[config.headSize()];
        mixed = new float[config.headSize()];
        keys = new float[config.layers()][config.kvHeads()][config.headSize()][0];
        values = new float[config.layers()][config.kvHeads()][0][];
    }

    /** The model's weights. */
    public TwinWeights weights() {
        return weights;
    }

    /** Positions in the KV cache. */
    public int position() {
        return position;
    }

    /** Forgets all positions from {@code to} on: the next row is position {@code to}, at most the present one. */
    public void rewind(int to) {
        if (to < 0 || to > position) {
            throw new IllegalArgumentException("position " + to + " is not one of the " + position + " there are");
        }
        position = to;
    }

    /** Forgets everything: the next row is position 0. */
    public void reset() {
        position = 0;
    }

    /** Appends tokens and returns the hidden states after the final norm of all of them, [tokens.length][hidden]. */
    public float[][] hidden(int[] tokens) {
        return hidden(weights.embed(tokens));
    }

    /** Appends input embeddings [rows][hidden] and returns the hidden states after the final norm of all rows. */
    public float[][] hidden(float[][] embeddings) {
        float[][] all = new float[embeddings.length][];
        forward(embeddings, 0, all);
        return all;
    }

    /** Appends input embeddings [rows][hidden], at least one row, and returns the last row's hidden state [hidden]. */
    public float[] lastHidden(float[][] embeddings) {
        if (embeddings.length == 0) {
            throw new IllegalArgumentException("no rows");
        }
        float[][] all = new float[embeddings.length][];
        forward(embeddings, embeddings.length - 1, all);
        return all[embeddings.length - 1];
    }

    /** Fills {@code results} from row {@code firstWanted} on. */
    private void forward(float[][] embeddings, int firstWanted, float[][] results) {
        for (float[] row : embeddings) {
            if (row.length != config.hiddenSize()) {
                throw new IllegalArgumentException("an input has width " + row.length + ", the model has "
                        + config.hiddenSize());
            }
        }
        int rows = embeddings.length;
        reserve(position + rows);
        for (int first = 0; first < rows; first += BLOCK) {
            int n = Math.min(BLOCK, rows - first);
            for (int r = 0; r < n; r++) {
                System.arraycopy(embeddings[first + r], 0, x[r], 0, x[r].length);
            }
            layers(n);
            for (int r = Math.max(0, firstWanted - first); r < n; r++) {
                results[first + r] = new float[config.hiddenSize()];
                Kernels.rmsNorm(x[r], weights.finalNorm, config.rmsNormEps(), results[first + r]);
            }
        }
    }

    /** Takes x [n][hidden] through all layers, in place, and advances the position. */
    private void layers(int n) {
        rotation(n);
        for (int l = 0; l < weights.layers.length; l++) {
            TwinWeights.Layer layer = weights.layers[l];
            for (int r = 0; r < n; r++) {
                Kernels.rmsNorm(x[r], layer.inputNorm, config.rmsNormEps(), normed[r]);
                if (layer.attentionBias == null) {
                    Arrays.fill(qkv[r], 0f);
                } else {
                    System.arraycopy(layer.attentionBias, 0, qkv[r], 0, qkv[r].length);
                }
            }
            Kernels.multiplyAdd(normed, n, layer.attention, qkv);
            for (int r = 0; r < n; r++) {
                normHeads(layer, r);
                rotate(l, r);
                store(l, r);
                attend(l, r);
            }
            addToStream(attended, n, layer.output, layer.outputBias, layer.attentionEndNorm);
            for (int r = 0; r < n; r++) {
                Kernels.rmsNorm(x[r], layer.innerNorm, config.rmsNormEps(), normed[r]);
                Arrays.fill(gateUp[r], 0f);
            }
            Kernels.multiplyAdd(normed, n, layer.gateUp, gateUp);
            for (int r = 0; r < n; r++) {
                Kernels.activate(config.activation(), gateUp[r], activated[r]);
            }
            addToStream(activated, n, layer.down, null, layer.innerEndNorm);
        }
        position += n;
    }

    /** x [n][hidden] += inputs [n][in] times weight [in][hidden] plus bias, normed first where there is a gain. */
    private void addToStream(float[][] inputs, int n, float[][] weight, float[] bias, float[] gain) {
        float[][] sum = gain == null ? x : branch;
        for (int r = 0; r < n; r++) {
            if (gain != null) {
                Arrays.fill(sum[r], 0f);
            }
            if (bias != null) {
                Kernels.add(bias, sum[r]);
            }
        }
        Kernels.multiplyAdd(inputs, n, weight, sum);
        for (int r = 0; r < n && gain != null; r++) {
            Kernels.rmsNorm(branch[r], gain, config.rmsNormEps(), normed[r]);
            Kernels.add(normed[r], x[r]);
        }
    }

    /** RMSNorm of every query and key head of row {@code r} of qkv, in families that have it. */
    private void normHeads(TwinWeights.Layer layer, int r) {
        for (int h = 0; h < config.heads() + config.kvHeads() && layer.queryNorm != null; h++) {
            Kernels.rmsNormPart(qkv[r], h * config.headSize(), h < config.heads() ? layer.queryNorm : layer.keyNorm,
                    config.rmsNormEps());
        }
    }

    /** Cosine and sine of position times frequency for the rows of a block, for each kind of layer. */
    private void rotation(int n) {
        for (int kind = 0; kind < frequencies.length; kind++) {
            for (int r = 0; r < n; r++) {
                for (int i = 0; i < frequencies[kind].length; i++) {
                    float angle = (position + r) * frequencies[kind][i];
                    cosines[kind][r][i] = (float) Math.cos(angle);
                    sines[kind][r][i] = (float) Math.sin(angle);
                }
            }
        }
    }

    /**
     * Rotary embedding of the query and key heads of row {@code r} of qkv: element i turns with element i + headSize /
     * 2.
     */
    private void rotate(int l, int r) {
        int half = config.headSize() / 2;
        int kind = config.window(l) > 0 ? frequencies.length - 1 : 0;
        float[] cosine = cosines[kind][r];
        float[] sine = sines[kind][r];
        float[] row = qkv[r];
        for (int h = 0; h < config.heads() + config.kvHeads(); h++) {
            int at = h * config.headSize();
            for (int i = 0; i < half; i++) {
                float a = row[at + i];
                float b = row[at + half + i];
                row[at + i] = a * cosine[i] - b * sine[i];
                row[at + half + i] = b * cosine[i] + a * sine[i];
            }
        }
    }

    /** Puts key and value heads of row {@code r} of qkv into the cache of layer {@code l}. */
    private void store(int l, int r) {
        int size = config.headSize();
        int at = position + r;
        for (int h = 0; h < config.kvHeads(); h++) {
            int key = config.attentionWidth() + h * size;
            for (int i = 0; i < size; i++) {
                keys[l][h][i][at] = qkv[r][key + i];
            }
            System.arraycopy(qkv[r], key + config.kvWidth(), values[l][h][at], 0, size);
        }
    }

    /** Causal grouped-query attention of row {@code r}, within the layer's window: fills attended[r] [heads headSize]. */
    private void attend(int l, int r) {
        int size = config.headSize();
        int group = config.heads() / config.kvHeads();
        int end = position + r + 1;
        int first = config.window(l) > 0 ? Math.max(0, end - config.window(l)) : 0;
        for (int h = 0; h < config.heads(); h++) {
            int at = h * size;
            for (int i = 0; i < size; i++) {
                query[i] = qkv[r][at + i] * scoreScale;
            }
            Arrays.fill(scores, first, end, 0f);
            Kernels.addWeighted(query, keys[l][h / group], 0, size, first, end, scores);
            Kernels.softmax(scores, first, end);
            Arrays.fill(mixed, 0f);
            Kernels.addWeighted(scores, values[l][h / group], first, end, 0, size, mixed);
            System.arraycopy(mixed, 0, attended[r], at, size);
        }
    }

    private void reserve(int positions) {
        if (positions <= capacity) {
            return;
        }
        int larger = Math.max(FIRST_CAPACITY, capacity);
        while (larger < positions) {
            larger *= 2;
        }
        for (int l = 0; l < config.layers(); l++) {
            for (int h = 0; h < config.kvHeads(); h++) {
                for (int i = 0; i < config.headSize(); i++) {
                    keys[l][h][i] = Arrays.copyOf(keys[l][h][i], larger);
                }
                values[l][h] = Arrays.copyOf(values[l][h], larger);
                for (int t = capacity; t < larger; t++) {
                    values[l][h][t] = new float[config.headSize()];
                }
            }
        }
        scores = new float[larger];
        capacity = larger;
    }
}
