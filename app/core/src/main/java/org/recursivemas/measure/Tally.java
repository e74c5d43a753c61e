package org.recursivemas.measure;

/**
 * What the trials of one setting say together.
 *
 * @param total trials so far, at least 1
 * @param right how many of them were right
 * @param interval 95 % interval of the accuracy
 * @param tokens decoded tokens per problem, mean
 * @param positions positions per problem, mean
 * @param seconds wall time per problem, mean
 * @param unanswered trials without an answer
 * @param cutOff trials that ended at the limit of tokens
 */
public record Tally(Setting setting, int total, int right, Wilson interval, double tokens, double positions,
        double seconds, int unanswered, int cutOff) {
    static Tally of(Setting setting, Iterable<Trial> trials) {
        int total = 0;
        int right = 0;
        int unanswered = 0;
        int cutOff = 0;
        double tokens = 0;
        double positions = 0;
        double millis = 0;
        for (Trial trial : trials) {
            total++;
            right += trial.correct() ? 1 : 0;
            unanswered += trial.answer().isBlank() ? 1 : 0;
            cutOff += trial.finish().equals("length") ? 1 : 0;
            tokens += trial.decodedTokens();
            positions += trial.positions();
            millis += trial.millis();
        }
        return total == 0 ? null : new Tally(setting, total, right, Wilson.of(right, total), tokens / total,
                positions / total, millis / total / 1000, unanswered, cutOff);
    }

    /** 0 to 1. */
    public double accuracy() {
        return (double) right / total;
    }
}
