package org.recursivemas.pipeline.cli;

import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.PlanFunction;

/** Counts the dispatches of a library's functions. */
final class DispatchCount {
    private final int position;
    private final int capacity;

    /**
     * @param position positions already in the KV cache
     * @param capacity positions it can hold
     */
    DispatchCount(int position, int capacity) {
        this.position = position;
        this.capacity = capacity;
    }

    /** Dispatches of a call with one token, or of a sampling function with one sequence: every free extent is 1. */
    int ofOneToken(PlanFunction function) {
        for (PlanFunction.Variant variant : function.variants()) {
            if (value(variant.guard()) != 0) {
                int count = 0;
                for (Launch launch : variant.launches()) {
                    if (value(launch.gridX()) > 0 && (launch.gridY() == null || value(launch.gridY()) > 0)) {
                        count++;
                    }
                }
                return count;
            }
        }
        throw new IllegalStateException("no variant of " + function.name() + " takes one token");
    }

    private int value(Expr expression) {
        return switch (expression.op()) {
            case CONST -> expression.a();
            case DIM -> 1;
            case OFFSET -> 0;
            case POSITION -> position;
            case CAPACITY -> capacity;
            default -> {
                int left = value(expression.left());
                int right = value(expression.right());
                yield switch (expression.op()) {
                    case ADD -> left + right;
                    case SUB -> left - right;
                    case MUL -> left * right;
                    case DIV -> left / right;
                    case CEIL_DIV -> (left + right - 1) / right;
                    case MIN -> Math.min(left, right);
                    case MAX -> Math.max(left, right);
                    case EQ -> left == right ? 1 : 0;
                    case LE -> left <= right ? 1 : 0;
                    default -> throw new IllegalStateException("unknown operator " + expression.op());
                };
            }
        };
    }
}
