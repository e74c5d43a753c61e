package org.recursivemas.engine;

/** How text is sampled. Temperature 0 is greedy. */
public final class DecodingOptions {
    private final int maxTokens;
    private final double temperature;
    private final double topP;
    private final int seed;

    /**
     * @param maxTokens at most this many tokens, at least 1
     * @param temperature 0 (greedy) to 2
     * @param topP above 0, at most 1
     * @param seed seed of the sampler; the same seed gives the same text on the same engine
     */
    public DecodingOptions(int maxTokens, double temperature, double topP, int seed) {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1, is " + maxTokens);
        }
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new IllegalArgumentException("temperature must be 0 to 2, is " + temperature);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP must be above 0 and at most 1, is " + topP);
        }
        this.maxTokens = maxTokens;
        this.temperature = temperature;
        this.topP = topP;
        this.seed = seed;
    }

    public static DecodingOptions greedy(int maxTokens) {
        return new DecodingOptions(maxTokens, 0, 1, 0);
    }

    public int maxTokens() {
        return maxTokens;
    }

    public double temperature() {
        return temperature;
    }

    public double topP() {
        return topP;
    }

    public int seed() {
        return seed;
    }
}
