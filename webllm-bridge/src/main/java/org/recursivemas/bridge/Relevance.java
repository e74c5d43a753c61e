package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.recursivemas.bridge.kernels.Kernels;
import org.recursivemas.bridge.kernels.Readback;
import org.recursivemas.bridge.kernels.RelevanceKernels;
import org.recursivemas.bridge.tvm.Tensor;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.engine.PromptPiece;
import org.teavm.jso.typedarrays.Float32Array;

/** Cosines of mean input vectors, computed on the GPU; one number for each candidate comes back. */
final class Relevance {
    private final WebGpu gpu;
    private final WebLlmModel model;
    private final int chunk;
    private final RelevanceKernels kernels;

    /** Rows [rows, width of the model] of one piece, or of a part of it. */
    private static final class Block {
        final GPUBuffer buffer;
        final int rows;

        Block(GPUBuffer buffer, int rows) {
            this.buffer = buffer;
            this.rows = rows;
        }
    }

    /** @param chunk most tokens whose embeddings are made at once */
    Relevance(WebGpu gpu, WebLlmModel model, int chunk) {
        this.gpu = gpu;
        this.model = model;
        this.chunk = chunk;
        kernels = new RelevanceKernels(new Kernels(gpu.device()));
    }

    double[] of(PromptPiece query, List<PromptPiece> candidates) {
        int width = model.hiddenSize();
        boolean half = model.dtype().equals("float16");
        kernels.prepare(width, half);
        List<PromptPiece> pieces = new ArrayList<>(List.of(query));
        pieces.addAll(candidates);
        List<Tensor> embeddings = new ArrayList<>();
        List<GPUBuffer> made = new ArrayList<>();
        try {
            List<List<Block>> blocks = new ArrayList<>();
            for (PromptPiece piece : pieces) {
                blocks.add(blocks(piece, embeddings));
            }
            model.flush();
            int bytes = Float.BYTES * candidates.size();
            Float32Array read = new Float32Array(Readback.read(gpu.device(), bytes, (encoder, destination) -> {
                GPUBuffer wanted = sum(encoder, blocks.get(0), width, half, made);
                for (int i = 0; i < candidates.size(); i++) {
                    GPUBuffer sum = sum(encoder, blocks.get(i + 1), width, half, made);
                    GPUBuffer cosine = buffer(1, made);
                    kernels.cosine(encoder, wanted, sum, width, cosine);
                    encoder.copyBufferToBuffer(cosine, 0, destination, Float.BYTES * i, Float.BYTES);
                }
            }));
            gpu.check();
            double[] cosines = new double[candidates.size()];
            for (int i = 0; i < cosines.length; i++) {
                cosines[i] = Math.max(-1, Math.min(1, read.get(i)));
            }
            return cosines;
        } finally {
            embeddings.forEach(Tensor::dispose);
            made.forEach(GPUBuffer::destroy);
        }
    }

    /** The piece's input vectors, whose work is submitted; tensors that are made for it go into {@code embeddings}. */
    private List<Block> blocks(PromptPiece piece, List<Tensor> embeddings) {
        List<Block> blocks = new ArrayList<>();
        if (!piece.isText()) {
            TensorLatents latents = model.readable(TensorLatents.of(piece.latents()));
            if (latents.rows() > 0) {
                latents.owner().flush();
                blocks.add(new Block(latents.buffer(), latents.rows()));
            }
            return blocks;
        }
        int[] ids = model.tokenize(piece.text());
        for (int from = 0; from < ids.length; from += chunk) {
            int to = Math.min(ids.length, from + chunk);
            Tensor tensor = model.tokenEmbeddings(Arrays.copyOfRange(ids, from, to)); // [to - from, hidden]
            embeddings.add(tensor);
            blocks.add(new Block(model.context().gpuBufferFromPtr(tensor.getDataPtr()), to - from));
        }
        return blocks;
    }

    /** Records the sum of all rows: f32 [width], in the direction of their mean. */
    private GPUBuffer sum(GPUCommandEncoder encoder, List<Block> blocks, int width, boolean half, List<GPUBuffer> made) {
        GPUBuffer sum = buffer(width, made); // a new buffer holds zeros
        blocks.forEach(block -> kernels.addRows(encoder, block.buffer, block.rows, width, half, sum));
        return sum;
    }

    private GPUBuffer buffer(int floats, List<GPUBuffer> made) {
        GPUBuffer buffer = gpu.buffer("relevance", Float.BYTES * (double) floats,
                GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
        made.add(buffer);
        return buffer;
    }
}
