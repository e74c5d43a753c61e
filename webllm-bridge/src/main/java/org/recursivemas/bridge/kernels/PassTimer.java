package org.recursivemas.bridge.kernels;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferDescriptor;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.bridge.webgpu.GPUComputePassDescriptor;
import org.recursivemas.bridge.webgpu.GPUDevice;
import org.recursivemas.bridge.webgpu.GPUQuerySet;
import org.recursivemas.bridge.webgpu.GPUQuerySetDescriptor;
import org.teavm.jso.typedarrays.Uint32Array;

/**
 * Adds up how long compute passes take on the GPU, by timestamp queries that stay there until asked for. Browsers round
 * timestamps (to 100 microseconds in Chromium), so only sums over many passes mean something.
 */
public final class PassTimer {
    private static final int QUERIES = 1024;
    private static final int QUERY_BYTES = 8;
    private static final double TWO_32 = 4294967296.0;

    private final GPUDevice device;
    private final List<GPUQuerySet> sets = new ArrayList<>();
    private int used = QUERIES;

    /** For a device with the feature timestamp-query. */
    public PassTimer(GPUDevice device) {
        this.device = device;
    }

    /** The descriptor of a pass that is timed. */
    public GPUComputePassDescriptor next(String label) {
        if (used == QUERIES) {
            sets.add(device.createQuerySet(GPUQuerySetDescriptor.timestamps("passes", QUERIES)));
            used = 0;
        }
        GPUComputePassDescriptor pass = GPUComputePassDescriptor.timed(label, sets.get(sets.size() - 1), used);
        used += 2;
        return pass;
    }

    /** Milliseconds of all passes since the last call; they must have been submitted. Waits. */
    public double takeMillis() {
        double nanoseconds = 0;
        for (int i = 0; i < sets.size(); i++) {
            int count = i < sets.size() - 1 ? QUERIES : used;
            nanoseconds += nanoseconds(sets.get(i), count);
            sets.get(i).destroy();
        }
        sets.clear();
        used = QUERIES;
        return nanoseconds / 1e6;
    }

    private double nanoseconds(GPUQuerySet set, int count) {
        GPUBuffer resolved = device.createBuffer(GPUBufferDescriptor.create("timestamps", count * QUERY_BYTES,
                GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC));
        Uint32Array words = new Uint32Array(Readback.read(device, count * QUERY_BYTES, (encoder, destination) -> {
            encoder.resolveQuerySet(set, 0, count, resolved, 0);
            encoder.copyBufferToBuffer(resolved, 0, destination, 0, count * QUERY_BYTES);
        }));
        double sum = 0;
        for (int i = 0; i < count; i += 2) { // u64 each: start, end
            double low = word(words, 2 * i + 2) - word(words, 2 * i);
            double high = word(words, 2 * i + 3) - word(words, 2 * i + 1);
            sum += high * TWO_32 + low;
        }
        resolved.destroy();
        return sum;
    }

    private static double word(Uint32Array words, int index) {
        int value = words.get(index);
        return value < 0 ? value + TWO_32 : value;
    }
}
