package org.recursivemas.bridge;

import org.recursivemas.bridge.kernels.InsideKernels;
import org.recursivemas.bridge.kernels.Kernels;
import org.recursivemas.bridge.kernels.Readback;
import org.recursivemas.bridge.tvm.Tensor;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.VocabularyLens;
import org.teavm.jso.typedarrays.Float32Array;

/**
 * Scores of all tokens of a model for given vectors, computed on the GPU from the embeddings that the library makes of
 * the token ids, so that any quantization of the table is right. At most {@link #ROWS} vectors at once: 16 rows of
 * 152,000 tokens are 10 MB.
 */
final class TokenScores {
    private static final int ROWS = 16;

    private final WebGpu gpu;
    private final Embeddings embeddings;
    private final int vocabulary;
    private final int chunk;
    private final int width;
    private final boolean half;
    private final InsideKernels kernels;
    private double embeddingNorm = -1;

    /** Embeddings of the tokens from {@code first} on, [count, width], at offset 0 of a tensor; the caller frees it. */
    interface Embeddings {
        Tensor of(int first, int count);

        GPUBuffer buffer(Tensor tensor);
    }

    TokenScores(WebGpu gpu, Embeddings embeddings, int vocabulary, int chunk, int width, boolean half) {
        this.gpu = gpu;
        this.embeddings = embeddings;
        this.vocabulary = vocabulary;
        this.chunk = chunk;
        this.width = width;
        this.half = half;
        kernels = new InsideKernels(new Kernels(gpu.device()));
    }

    VocabularyLens.Nearest[] nearest(float[][] vectors, int k, boolean cosine) {
        VocabularyLens.Nearest[] result = new VocabularyLens.Nearest[vectors.length];
        for (int from = 0; from < vectors.length; from += ROWS) {
            int rows = Math.min(ROWS, vectors.length - from);
            float[][] scores = scores(vectors, from, rows);   // [rows + 1][vocabulary]
            for (int row = 0; row < rows; row++) {
                if (cosine) {
                    toCosines(scores[row], vectors[from + row], scores[rows]);
                }
                result[from + row] = VocabularyLens.Nearest.of(scores[row], k);
            }
        }
        return result;
    }

    private static void toCosines(float[] scores, float[] vector, float[] squares) {
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        for (int id = 0; id < scores.length; id++) {
            double norms = Math.sqrt(square * squares[id]);
            scores[id] = (float) (norms == 0 ? 0 : scores[id] / norms);
        }
    }

    double embeddingNorm() {
        if (embeddingNorm < 0) {
            double sum = 0;
            for (float square : scores(new float[1][width], 0, 1)[1]) {
                sum += square;
            }
            embeddingNorm = Math.sqrt(sum / vocabulary);
        }
        return embeddingNorm;
    }

    private float[][] scores(float[][] vectors, int from, int rows) {
        float[] flat = new float[rows * width];
        for (int row = 0; row < rows; row++) {
            if (vectors[from + row].length != width) {
                throw new EngineException("A vector of width " + vectors[from + row].length
                        + " cannot be read in a vocabulary of width " + width + ".");
            }
            System.arraycopy(vectors[from + row], 0, flat, row * width, width);
        }
        float[][] result = new float[rows + 1][vocabulary];
        GPUBuffer x = gpu.buffer("lens vectors", Float32Array.copyFromJavaArray(flat),
                GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
        GPUBuffer scores = gpu.buffer("lens scores", 4.0 * (rows + 1) * chunk,
                GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
        try {
            for (int first = 0; first < vocabulary; first += chunk) {
                int count = Math.min(chunk, vocabulary - first);
                Tensor table = embeddings.of(first, count);
                try {
                    int bytes = 4 * (rows + 1) * count;
                    float[] read = new Float32Array(Readback.read(gpu.device(), bytes, (encoder, destination) -> {
                        kernels.score(encoder, x, rows, embeddings.buffer(table), count, width, half, scores);
                        encoder.copyBufferToBuffer(scores, 0, destination, 0, bytes);
                    })).copyToJavaArray();
                    gpu.check();
                    for (int row = 0; row <= rows; row++) {
                        System.arraycopy(read, row * count, result[row], first, count);
                    }
                } finally {
                    table.dispose();
                }
            }
        } finally {
            x.destroy();
            scores.destroy();
        }
        return result;
    }
}
