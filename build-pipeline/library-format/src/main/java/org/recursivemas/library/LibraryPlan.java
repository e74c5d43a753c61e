package org.recursivemas.library;

import java.util.List;

/** Everything model-specific in a library: metadata, shaders, buffers, functions. No weights. */
public final class LibraryPlan {
    /** A WebGPU kernel: finfo as in model-library-abi.md 6.4, and its WGSL text. ASCII only. */
    public static final class Kernel {
        private final String name;
        private final String finfoJson;
        private final String wgsl;

        public Kernel(String name, String finfoJson, String wgsl) {
            this.name = name;
            this.finfoJson = finfoJson;
            this.wgsl = wgsl;
        }

        public String name() {
            return name;
        }

        public String finfoJson() {
            return finfoJson;
        }

        public String wgsl() {
            return wgsl;
        }
    }

    private final String metadataJson;
    private final int prefillChunkSize;
    private final List<String> params;
    private final List<Kernel> kernels;
    private final List<Integer> kvBytesPerPosition;
    private final List<Expr> scratchBytes;
    private final List<PlanFunction> functions;

    /**
     * @param metadataJson the text of {@code _metadata}, ASCII
     * @param params parameter names in {@code _metadata.params} order
     * @param kvBytesPerPosition one entry per KV buffer; the runtime allocates capacity times this
     * @param scratchBytes size of each scratch buffer; DIM and OFFSET refer to the call under way; buffers only ever
     * grow
     */
    public LibraryPlan(String metadataJson, int prefillChunkSize, List<String> params, List<Kernel> kernels,
            List<Integer> kvBytesPerPosition, List<Expr> scratchBytes, List<PlanFunction> functions) {
        this.metadataJson = metadataJson;
        this.prefillChunkSize = prefillChunkSize;
        this.params = List.copyOf(params);
        this.kernels = List.copyOf(kernels);
        this.kvBytesPerPosition = List.copyOf(kvBytesPerPosition);
        this.scratchBytes = List.copyOf(scratchBytes);
        this.functions = List.copyOf(functions);
    }

    public String metadataJson() {
        return metadataJson;
    }

    public int prefillChunkSize() {
        return prefillChunkSize;
    }

    public List<String> params() {
        return params;
    }

    public List<Kernel> kernels() {
        return kernels;
    }

    public List<Integer> kvBytesPerPosition() {
        return kvBytesPerPosition;
    }

    public List<Expr> scratchBytes() {
        return scratchBytes;
    }

    public List<PlanFunction> functions() {
        return functions;
    }
}
