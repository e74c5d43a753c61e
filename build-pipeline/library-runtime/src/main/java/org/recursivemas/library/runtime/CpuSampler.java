package org.recursivemas.library.runtime;

/** The samplers on CPU tensors that every library offers, float32 throughout. */
final class CpuSampler {
    private static final double LN2 = 0.6931471805599453;

    private CpuSampler() {
    }

    static void register() {
        Globals.add("vm.builtin.sample_top_p_from_logits", (args, result) -> {
            float[] values = floats(args.cpuTensor(0));
            softmax(values, args.number(1));
            result.integer(topP(values, args.number(2), args.number(3)));
        });
        Globals.add("vm.builtin.sample_top_p_from_prob", (args, result) ->
                result.integer(topP(floats(args.cpuTensor(0)), args.number(1), args.number(2))));
        Globals.add("vm.builtin.apply_repetition_penalty", (args, result) -> {
            TensorObj logits = floatTensor(args.cpuTensor(0));
            TensorObj ids = args.cpuTensor(1);
            float penalty = (float) args.number(2);
            for (int i = 0; i < ids.elements(); ++i) {
                int cell = element(logits, ids, i);
                float logit = Memory.getFloat(cell);
                Memory.putFloat(cell, logit <= 0 ? logit * penalty : logit / penalty);
            }
        });
        Globals.add("vm.builtin.apply_presence_and_frequency_penalty", (args, result) -> {
            TensorObj logits = floatTensor(args.cpuTensor(0));
            TensorObj ids = args.cpuTensor(1);
            TensorObj counts = args.cpuTensor(2);
            if (counts.elements() != ids.elements()) {
                throw new LibraryException("apply_presence_and_frequency_penalty: " + ids.elements() + " ids, "
                        + counts.elements() + " counts");
            }
            float presence = (float) args.number(3);
            float frequency = (float) args.number(4);
            for (int i = 0; i < ids.elements(); ++i) {
                int cell = element(logits, ids, i);
                int count = Memory.getInt(counts.address() + 4 * i);
                Memory.putFloat(cell, Memory.getFloat(cell) - count * frequency - presence);
            }
        });
        Globals.add("vm.builtin.apply_softmax_with_temperature", (args, result) -> {
            TensorObj logits = floatTensor(args.cpuTensor(0));
            float[] values = floats(logits);
            softmax(values, args.number(1));
            for (int i = 0; i < values.length; ++i) {
                Memory.putFloat(logits.address() + 4 * i, values[i]);
            }
        });
    }

    private static TensorObj floatTensor(TensorObj tensor) {
        if (tensor.dtype() != DataType.FLOAT32) {
            throw new LibraryException("a float32 tensor expected, not " + tensor.describe());
        }
        return tensor;
    }

    private static float[] floats(TensorObj tensor) {
        float[] values = new float[floatTensor(tensor).elements()];
        for (int i = 0; i < values.length; ++i) {
            values[i] = Memory.getFloat(tensor.address() + 4 * i);
        }
        return values;
    }

    /** Address of the logit of token {@code ids[i]}. */
    private static int element(TensorObj logits, TensorObj ids, int i) {
        if (ids.dtype() != DataType.INT32) {
            throw new LibraryException("token ids should be int32, are " + ids.describe());
        }
        int id = Memory.getInt(ids.address() + 4 * i);
        if (id < 0 || id >= logits.elements()) {
            throw new LibraryException("token " + id + " is outside " + logits.elements() + " logits");
        }
        return logits.address() + 4 * id;
    }

    /** e to the power of a number that is at most 0. (The usual function would have to come from JavaScript.) */
    private static double exp(double x) {
        if (!(x > -700)) {
            return 0;
        }
        int power = (int) (x / LN2 - 0.5);
        double rest = x - power * LN2;
        double sum = 1;
        for (int i = 15; i > 0; --i) {
            sum = 1 + sum * rest / i;
        }
        return sum * Double.longBitsToDouble((1023L + power) << 52);
    }

    /** In place; temperatures below 1e-5 give all weight to the largest. */
    private static void softmax(float[] values, double temperature) {
        float max = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (int i = 0; i < values.length; ++i) {
            double weight = temperature > 1e-5 ? exp((values[i] - max) / temperature) : values[i] == max ? 1 : 0;
            values[i] = (float) weight;
            sum += weight;
        }
        for (int i = 0; i < values.length; ++i) {
            values[i] = (float) (values[i] / sum);
        }
    }

    /** Takes the most probable tokens up to {@code topP} together, then the one where {@code uniform} falls. */
    private static int topP(float[] probabilities, double topP, double uniform) {
        int length = probabilities.length;
        if (length == 0) {
            throw new LibraryException("sampling from no probabilities");
        }
        int[] order = new int[length];
        for (int i = 0; i < length; ++i) {
            order[i] = i;
        }
        sort(probabilities, order, new int[length], 0, length);
        int kept = 0;
        double mass = 0;
        while (kept < length && (kept == 0 || mass < topP)) {
            mass += probabilities[order[kept++]];
        }
        double sum = 0;
        for (int i = 0; i < kept; ++i) {
            sum += probabilities[order[i]];
            if (uniform < sum / mass) {
                return order[i];
            }
        }
        return order[kept - 1];
    }

    /** Stable merge sort of token ids by falling probability. */
    private static void sort(float[] values, int[] order, int[] spare, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        sort(values, order, spare, from, middle);
        sort(values, order, spare, middle, to);
        int left = from;
        int right = middle;
        for (int i = from; i < to; ++i) {
            boolean takeLeft = right >= to || left < middle && values[order[left]] >= values[order[right]];
            spare[i] = takeLeft ? order[left++] : order[right++];
        }
        System.arraycopy(spare, from, order, from, to - from);
    }
}
