package org.recursivemas.tasks;

/**
 * Which problems may be trained on. The side is a hash of the plan, so no plan, and therefore no problem, of the held-out side
 * ever occurs in training, whatever seeds are used. A plan whose price is not told is held out only when it is with every price,
 * so that it cannot be made of a training problem by leaving the price out; that is one in 65,536.
 */
public enum TaskSplit {
    TRAINING, HELD_OUT;

    /** One plan in this many is held out. */
    private static final int ONE_IN = 16;

    public static TaskSplit of(OperationPlan plan) {
        if (!plan.needsPrice()) {
            return of(plan.text());
        }
        String open = plan.text().substring(0, plan.text().length() - 1);
        for (int price = Prices.LEAST; price <= Prices.MOST; price++) {
            if (of(open + price) == TRAINING) {
                return TRAINING;
            }
        }
        return HELD_OUT;
    }

    private static TaskSplit of(String text) {
        int hash = 0x811c9dc5;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x01000193;
        }
        hash ^= hash >>> 15;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        return Math.floorMod(hash, ONE_IN) == 0 ? HELD_OUT : TRAINING;
    }
}
