package org.recursivemas.pipeline.convert;

import java.util.ArrayList;
import java.util.List;

/**
 * Which tensor goes into which shard. Tensors are gathered up to the cap; one of at least half the cap that does not
 * fit gets a shard of its own while the open one stays open; none is ever split. Shards are numbered as they are
 * completed.
 */
final class ShardPlan {
    /** MLC's cap, bytes. A gathered shard stays below it. */
    static final long CAP = 32L << 20;

    private ShardPlan() {
    }

    /**
     * Distributes tensors.
     *
     * @param sizes bytes of each tensor in its shard
     * @return per shard the indices of its tensors, in file order
     */
    static List<List<Integer>> of(List<Long> sizes, long cap) {
        List<List<Integer>> shards = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        long pending = 0;
        for (int i = 0; i < sizes.size(); i++) {
            long size = sizes.get(i);
            if (pending + size < cap) {
                open.add(i);
                pending += size;
            } else if (2 * size >= cap) {
                shards.add(List.of(i));
            } else {
                shards.add(open);
                open = new ArrayList<>(List.of(i));
                pending = size;
            }
        }
        if (!open.isEmpty()) {
            shards.add(open);
        }
        return shards;
    }
}
