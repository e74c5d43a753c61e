package org.recursivemas.facts;

import java.util.Base64;
import org.recursivemas.data.TensorData;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.TensorCodec;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;
import org.recursivemas.toy.ToyTeam;

/** Results that must be the same on the JVM and in a browser, as text. */
final class Samples {
    private Samples() {
    }

    /** A problem of each side of the split with its solution and answer. */
    static String problems(int seed) {
        StringBuilder text = new StringBuilder();
        for (TaskSplit split : TaskSplit.values()) {
            StoryProblem problem = new StoryProblemGenerator(seed, split).next();
            text.append(problem.question()).append('\n').append(problem.plan().text()).append('\n')
                    .append(problem.solution()).append('\n').append(problem.answer()).append('\n');
        }
        return text.toString();
    }

    /** Outputs of all links of the toy chain for one input, as bits of floats in hex. */
    static String links(int seed) {
        StringBuilder text = new StringBuilder();
        new ToyTeam(ToyTeam.chain()).weights.forEach((id, link) -> {
            float[] x = new float[link.inWidth];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (5 * Math.sin(1.7 * i + seed));
            }
            append(text, LinkMath.apply(link, x));
        });
        return text.toString();
    }

    /** 500 finite values of a dtype of two bytes, decoded, as bits of floats in hex. */
    static String decoded(String dtype, int seed) {
        byte[] bytes = new byte[1000];
        int exponent = dtype.equals("f16") ? 0x7c00 : 0x7f80;
        int bits = seed * 977;
        for (int i = 0; i < bytes.length; i += 2) {
            do {
                bits = (bits * 31 + 0x3039) & 0xffff;
            } while ((bits & exponent) == exponent);
            bytes[i] = (byte) bits;
            bytes[i + 1] = (byte) (bits >> 8);
        }
        TensorData tensor = new TensorData();
        tensor.shape = new int[] {500};
        tensor.dtype = dtype;
        tensor.data = Base64.getEncoder().encodeToString(bytes);
        StringBuilder text = new StringBuilder();
        append(text, TensorCodec.decode(tensor, "sample", 500));
        return text.toString();
    }

    private static void append(StringBuilder text, float[] values) {
        for (float value : values) {
            text.append(Integer.toHexString(Float.floatToIntBits(value))).append(' ');
        }
    }

    /** One sample by name. */
    static String of(String name, int seed) {
        switch (name) {
            case "problems":
                return problems(seed);
            case "links":
                return links(seed);
            default:
                return decoded(name, seed);
        }
    }
}
