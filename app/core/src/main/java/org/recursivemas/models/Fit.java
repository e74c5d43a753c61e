package org.recursivemas.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;

/** Whether a team's models can run here, and why not. */
public final class Fit {
    private final List<String> obstacles;
    private final List<String> warnings;

    private Fit(List<String> obstacles, List<String> warnings) {
        this.obstacles = List.copyOf(obstacles);
        this.warnings = List.copyOf(warnings);
    }

    /** What keeps the models from running, with what to do; empty when nothing is known to. */
    public List<String> obstacles() {
        return obstacles;
    }

    /** What may keep them from running. */
    public List<String> warnings() {
        return warnings;
    }

    /** The models of an entry, each once: agents that name the same folder and library share one. */
    public static List<CatalogModel> distinct(CatalogEntry entry) {
        Map<String, CatalogModel> models = new LinkedHashMap<>();
        for (CatalogModel model : entry.models) {
            models.putIfAbsent(model.folder + " " + model.library, model);
        }
        return new ArrayList<>(models.values());
    }

    /** GPU memory of all of them together, in bytes. */
    public static long gpuBytes(CatalogEntry entry) {
        long sum = 0;
        for (CatalogModel model : distinct(entry)) {
            sum += model.gpuBytes();
        }
        return sum;
    }

    /** Bytes to download for all of them together. */
    public static long downloadBytes(CatalogEntry entry) {
        long sum = 0;
        for (CatalogModel model : distinct(entry)) {
            sum += model.downloadBytes;
        }
        return sum;
    }

    public static boolean needsF16(CatalogEntry entry) {
        return entry.models.stream().anyMatch(model -> model.f16);
    }

    /**
     * @param alternative what to choose where shader-f16 is missing, or null
     * @param missing bytes of the entry that are not stored yet
     * @param room what the browser gives this site
     */
    public static Fit of(CatalogEntry entry, CatalogEntry alternative, Machine machine, long missing, ModelStore.Room room) {
        List<String> obstacles = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        if (!machine.gpu()) {
            obstacles.add("This browser offers no GPU (WebGPU), so no model can run here. Use a current Chrome, Edge or "
                    + "Safari with hardware acceleration.");
        } else if (needsF16(entry) && !machine.f16()) {
            obstacles.add("It needs the GPU feature shader-f16, which this GPU does not offer. "
                    + (alternative == null ? "Choose a model without f16." : "Choose " + alternative.title + " instead."));
        }
        long largest = 0;
        for (CatalogModel model : entry.models) {
            largest = Math.max(largest, model.largestBufferBytes);
        }
        if (machine.gpu() && machine.largestBuffer() > 0 && largest > machine.largestBuffer()) {
            obstacles.add("It needs a GPU buffer of " + Sizes.of(largest) + "; this GPU allows "
                    + Sizes.of(machine.largestBuffer()) + ". Choose a smaller model.");
        }
        if (machine.memory() > 0 && machine.memory() < Machine.MOST_MEMORY_SAID && gpuBytes(entry) > machine.memory() / 2) {
            warnings.add("It takes " + Sizes.of(gpuBytes(entry)) + " of GPU memory, and this machine has only about "
                    + Sizes.of(machine.memory()) + " of main memory. It may not load; choose a smaller model if it does not.");
        }
        if (room.quota() >= 0 && missing > room.quota() - room.usage()) {
            obstacles.add("It needs " + Sizes.of(missing) + " of storage; the browser gives this site "
                    + Sizes.of(Math.max(0, room.quota() - room.usage())) + " more. Delete stored models, free disk space, or "
                    + "choose a smaller model.");
        }
        return new Fit(obstacles, warnings);
    }
}
