package org.recursivemas.tasks;

import java.util.ArrayList;
import java.util.List;

/**
 * A list of operations in the notation that planner, critic and solver share, for example
 * {@code "20 +5 ; 34 *3 -11 +@"}: segments separated by {@code ;}, each a start value followed by operations on a running
 * value. An operand is a number, a product of two numbers ({@code +4*6}), or {@code @}, the result of the segment before.
 *
 * <p>Grammar: {@code plan = segment {" ; " segment}; segment = start {" " op}; start = number | "@";
 * op = ("+" | "-" | "*" | "/") (number ["*" number] | "@")}. Numbers are 1 to 3 digits.
 */
public final class OperationPlan {
    /** Largest value that may occur while the plan is worked out. */
    public static final int MAX_VALUE = 999;
    /** Stands before the answer in a solution. */
    public static final String ANSWER_MARKER = "Answer:";

    private final String text;
    private final String steps;
    private final int value;

    private OperationPlan(String text, String steps, int value) {
        this.text = text;
        this.steps = steps;
        this.value = value;
    }

    /**
     * Parses and works out a plan.
     *
     * @throws IllegalArgumentException naming the place when the text is not a plan, a division leaves a rest, or a value
     *     leaves 1 to {@link #MAX_VALUE}
     */
    public static OperationPlan parse(String text) {
        StringBuilder steps = new StringBuilder();
        int before = -1;
        int running = -1;
        for (String segment : split(text.trim(), ";")) {
            before = running;
            running = -1;
            int stepsOfSegment = 0;
            for (String part : split(segment.trim(), " ")) {
                if (part.isEmpty()) {
                    continue;
                }
                if (running < 0) {
                    running = part.equals("@") ? previous(before, part) : number(part);
                    continue;
                }
                String operand = part.substring(1).equals("@")
                        ? Integer.toString(previous(before, part)) : part.substring(1);
                int next = apply(running, part.charAt(0), operand, part);
                if (steps.length() > 0) {
                    steps.append(stepsOfSegment == 0 ? "; " : ", ");
                }
                steps.append(running).append(part.charAt(0)).append(operand).append('=').append(next);
                stepsOfSegment++;
                running = next;
            }
            if (running < 0) {
                throw new IllegalArgumentException("empty segment in plan \"" + text + "\"");
            }
        }
        return new OperationPlan(text.trim(), steps.toString(), running);
    }

    /** The plan as text. */
    public String text() {
        return text;
    }

    /** The result of the last segment, 1 to {@link #MAX_VALUE}. */
    public int value() {
        return value;
    }

    /** Worked steps and the answer, as the solver writes them: {@code "20+5=25; 34*3=102, 102+25=127. Answer: 127"}. */
    public String solution() {
        return (steps.isEmpty() ? "" : steps + ". ") + ANSWER_MARKER + " " + value;
    }

    private static int apply(int left, char operator, String operand, String part) {
        int star = operand.indexOf('*');
        int right = star < 0 ? number(operand) : number(operand.substring(0, star)) * number(operand.substring(star + 1));
        int result;
        switch (operator) {
            case '+':
                result = left + right;
                break;
            case '-':
                result = left - right;
                break;
            case '*':
                result = left * right;
                break;
            case '/':
                if (star >= 0 || right == 0 || left % right != 0) {
                    throw new IllegalArgumentException(left + part + " does not come out even");
                }
                result = left / right;
                break;
            default:
                throw new IllegalArgumentException("\"" + part + "\" is not an operation: + - * / and a number expected");
        }
        if (result < 1 || result > MAX_VALUE) {
            throw new IllegalArgumentException(left + part + " = " + result + " is not between 1 and " + MAX_VALUE);
        }
        return result;
    }

    private static int previous(int before, String part) {
        if (before < 0) {
            throw new IllegalArgumentException("\"" + part + "\" refers to a segment before, and there is none");
        }
        return before;
    }

    private static int number(String text) {
        if (text.isEmpty() || text.length() > 3) {
            throw new IllegalArgumentException("\"" + text + "\" is not a number of 1 to 3 digits");
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                throw new IllegalArgumentException("\"" + text + "\" is not a number of 1 to 3 digits");
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }

    static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }
}
