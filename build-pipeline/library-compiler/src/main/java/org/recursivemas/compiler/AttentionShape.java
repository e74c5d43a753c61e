package org.recursivemas.compiler;

/**
 * Heads as the attention kernels see them: in vectors of four elements, or of two where the size allows no more.
 *
 * @param heads query heads
 * @param kvHeads heads of keys and values, each shared by {@link #group} neighbouring query heads
 * @param headSize elements of a head
 * @param type WGSL type of the cache
 * @param window keys that a query sees at most, its own position included; 0 for all
 */
record AttentionShape(int heads, int kvHeads, int headSize, String type, int window) {
    static AttentionShape of(ModelConfig config, String type, int window) {
        return new AttentionShape(config.heads(), config.kvHeads(), config.headSize(), type, window);
    }

    /** Query heads of a head of keys. */
    int group() {
        return heads / kvHeads;
    }

    /** Elements of a vector. */
    int width() {
        return headSize % 4 == 0 ? 4 : 2;
    }

    /** Vectors of a head. */
    int vectors() {
        return headSize / width();
    }

    /** WGSL type of a vector that is computed with. */
    String vector() {
        return "vec" + width() + "f";
    }

    /**
     * A kernel with the buffers {@code q}, {@code keys}, {@code values}, the constants {@code HEADS}, {@code KV_HEADS},
     * {@code D} (vectors) and {@code LOWEST}, and {@code first_key(position)}, the first key that a query there sees.
     */
    KernelSource open(String name) {
        String stored = "vec" + width() + "<" + type + ">";
        return constants(new KernelSource(name + (window > 0 ? "_window_" + window : ""))
                .read("q", "vec" + width() + "<f32>").read("keys", stored).read("values", stored))
                .declare("fn first_key(position : u32) -> u32 {\n    return "
                        + (window > 0 ? "position + 1u - min(position + 1u, " + window + "u)" : "0u") + ";\n}");
    }

    /** Adds the constants. */
    KernelSource constants(KernelSource kernel) {
        return kernel.constant("HEADS", heads).constant("KV_HEADS", kvHeads).constant("D", vectors())
                .declare("const LOWEST : f32 = -3.0e38f;");
    }
}
