package org.recursivemas.pipeline.tasks;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.recursivemas.tasks.OperationPlan;
import org.recursivemas.tasks.Prices;
import org.recursivemas.tasks.StoryProblem;

/** Makes the mistakes that a planner makes: a number misread, an operation left out, added, exchanged, a
 * list cut short, two people mixed up. */
final class DraftCorrupter {
    private final Random random;

    DraftCorrupter(Random random) {
        this.random = random;
    }

    /** {@code plan} unchanged one time in four, else with one to three mistakes; need not be a valid plan any more. */
    String draft(String plan) {
        if (random.nextInt(4) == 0) {
            return plan;
        }
        List<String> parts = new ArrayList<>(List.of(plan.split(" ")));
        int mistakes = 1 + random.nextInt(random.nextInt(3) + 1);
        for (int i = 0; i < mistakes; i++) {
            mistake(parts);
        }
        return String.join(" ", parts);
    }

    /** A draft of the problem's plan that can be worked out, or the plan itself: what was solved the round before. */
    OperationPlan worked(StoryProblem problem) {
        OperationPlan plan = problem.plan();
        if (random.nextInt(3) > 0) {
            for (int attempt = 0; attempt < 4; attempt++) {
                try {
                    return OperationPlan.parse(draft(plan.text()), Prices.of(problem.things()));
                } catch (IllegalArgumentException notAPlan) {
                    continue; // this mistake cannot be worked out: make another
                }
            }
        }
        return plan;
    }

    private void mistake(List<String> parts) {
        int at = random.nextInt(parts.size());
        String part = parts.get(at);
        switch (random.nextInt(10)) {
            case 0:
                if (parts.size() > 2) {
                    parts.remove(at);
                }
                break;
            case 1:
                if (at > 0) {
                    parts.add(at, "" + "+-".charAt(random.nextInt(2)) + (1 + random.nextInt(60)));
                }
                break;
            case 2:
                if (at + 1 < parts.size()) {
                    parts.set(at, parts.get(at + 1));
                    parts.set(at + 1, part);
                }
                break;
            case 3:
                if (parts.size() > 2 && random.nextInt(3) == 0) {
                    int keep = 1 + random.nextInt(parts.size() - 1);
                    parts.subList(keep, parts.size()).clear();
                }
                break;
            case 4:
                if (part.length() > 1 && "+-*/".indexOf(part.charAt(0)) >= 0) {
                    parts.set(at, "+-*/".charAt(random.nextInt(4)) + part.substring(1));
                }
                break;
            case 5:
                move(parts);
                break;
            case 6:
                exchangeStarts(parts);
                break;
            default:
                parts.set(at, otherDigits(part));
        }
    }

    /** An operation told of one person is written down for the other. */
    private void move(List<String> parts) {
        int separator = parts.indexOf(";");
        int from = random.nextInt(parts.size());
        if (separator < 0 || from == separator || Character.isDigit(parts.get(from).charAt(0))) {
            return;
        }
        String part = parts.remove(from);
        boolean first = from < separator;
        separator = parts.indexOf(";");
        // to the other side: behind the other's start, or to the end of the first one's operations
        parts.add(first ? Math.min(separator + 2 + random.nextInt(3), parts.size()) : separator, part);
    }

    private static void exchangeStarts(List<String> parts) {
        int separator = parts.indexOf(";");
        if (separator > 0 && separator + 1 < parts.size()) {
            String start = parts.get(0);
            parts.set(0, parts.get(separator + 1));
            parts.set(separator + 1, start);
        }
    }

    private String otherDigits(String part) {
        StringBuilder changed = new StringBuilder(part);
        boolean all = random.nextInt(3) == 0;
        for (int i = 0; i < part.length(); i++) {
            if (Character.isDigit(part.charAt(i)) && (all || random.nextInt(2) == 0)) {
                changed.setCharAt(i, (char) ('1' + random.nextInt(9)));
            }
        }
        return changed.toString();
    }
}
