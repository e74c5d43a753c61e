package org.recursivemas.tasks;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.tools.ToolBox;

/**
 * A list of operations in the notation that planner, critic and solver share, for example
 * {@code "20 +5 ; 34 *3 -11 +@"}: segments separated by {@code ;}, each a start value followed by operations on a running
 * value. An operand is a number, a product of two numbers ({@code +4*6}), or {@code @}, the result of the segment before.
 * A plan may end in {@code *$}: times a price that the story does not tell.
 *
 * <p>Grammar: {@code plan = segment {" ; " segment}; segment = start {" " op}; start = number | "@";
 * op = ("+" | "-" | "*" | "/") (number ["*" number] | "@")}, at the end also {@code *$}. Numbers are 1 to 3 digits.
 */
public final class OperationPlan {
    /** Largest value that may occur while the plan is worked out. */
    public static final int MAX_VALUE = 999;
    /** Stands before the answer in a solution. */
    public static final String ANSWER_MARKER = "Answer:";
    /** Ends a plan whose last operation is "times the price that has to be found". */
    public static final String UNTOLD_PRICE = " *$";

    private final String text;
    private final String steps;
    /** One expression a segment, e.g. {@code ((294+34)-3*5)}; none for a plan of a single number. */
    private final List<Call> calls;
    private final int value;

    /** A segment as one expression, and its value. */
    private static final class Call {
        final String expression;
        final int value;

        Call(String expression, int value) {
            this.expression = expression;
            this.value = value;
        }
    }

    private OperationPlan(String text, String steps, List<Call> calls, int value) {
        this.text = text;
        this.steps = steps;
        this.calls = calls;
        this.value = value;
    }

    /**
     * Parses and works out a plan.
     *
     * @throws IllegalArgumentException naming the place when the text is not a plan, a division leaves a rest, or a value
     *     leaves 1 to {@link #MAX_VALUE}
     */
    public static OperationPlan parse(String text) {
        if (text.trim().endsWith(UNTOLD_PRICE)) {
            throw new IllegalArgumentException("plan \"" + text + "\" needs a price that it does not hold");
        }
        return parse(text, 1);
    }

    /**
     * As {@link #parse(String)}, for a plan that may end in {@code *$}.
     *
     * @param price what stands for {@code $} when the plan is worked out
     */
    public static OperationPlan parse(String text, int price) {
        StringBuilder steps = new StringBuilder();
        List<Call> calls = new ArrayList<>();
        String told = text.trim();
        if (told.endsWith(UNTOLD_PRICE)) {
            told = told.substring(0, told.length() - 1) + price;
        }
        int before = -1;
        int running = -1;
        for (String segment : split(told, ";")) {
            before = running;
            running = -1;
            int stepsOfSegment = 0;
            String expression = "";
            for (String part : split(segment.trim(), " ")) {
                if (part.isEmpty()) {
                    continue;
                }
                if (running < 0) {
                    running = part.equals("@") ? previous(before, part) : number(part);
                    expression = Integer.toString(running);
                    continue;
                }
                String operand = part.substring(1).equals("@")
                        ? Integer.toString(previous(before, part)) : part.substring(1);
                int next = apply(running, part.charAt(0), operand, part);
                if (steps.length() > 0) {
                    steps.append(stepsOfSegment == 0 ? "; " : ", ");
                }
                steps.append(running).append(part.charAt(0)).append(operand).append('=').append(next);
                expression = "(" + expression + part.charAt(0) + operand + ")";
                stepsOfSegment++;
                running = next;
            }
            if (running < 0) {
                throw new IllegalArgumentException("empty segment in plan \"" + text + "\"");
            }
            if (stepsOfSegment > 0) {
                calls.add(new Call(expression, running));
            }
        }
        return new OperationPlan(text.trim(), steps.toString(), calls, running);
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

    /** Whether the plan needs a price that the story does not tell. */
    public boolean needsPrice() {
        return text.endsWith(UNTOLD_PRICE);
    }

    /**
     * The text of a tool caller, with the results that the run puts in: one call of the calculator for each segment with an
     * operation, {@code "<calc>(98*3)</calc><result>294</result>Answer: 294"}; before them, where the price is not told, a search.
     *
     * @param query what is searched for; not looked at when the price is told
     * @param found what the search finds
     */
    public String toolSolution(String query, String found) {
        StringBuilder solution = new StringBuilder();
        if (needsPrice()) {
            solution.append("<search>").append(query).append("</search>").append(ToolBox.tagged(found));
        }
        for (Call call : calls) {
            solution.append("<calc>").append(call.expression).append("</calc>")
                    .append(ToolBox.tagged(Integer.toString(call.value)));
        }
        return solution + ANSWER_MARKER + " " + value;
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
