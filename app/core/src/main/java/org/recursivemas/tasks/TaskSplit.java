package org.recursivemas.tasks;

/**
 * Which problems may be trained on. The side is a hash of the plan, so no plan, and therefore no problem, of the held-out side
 * ever occurs in training, whatever seeds are used.
 */
public enum TaskSplit {
    TRAINING, HELD_OUT;

    /** One plan in this many is held out. */
    private static final int ONE_IN = 16;

    public static TaskSplit of(OperationPlan plan) {
        int hash = 0x811c9dc5;
        String text = plan.text();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x01000193;
        }
        hash ^= hash >>> 15;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        return Math.floorMod(hash, ONE_IN) == 0 ? HELD_OUT : TRAINING;
    }
}
