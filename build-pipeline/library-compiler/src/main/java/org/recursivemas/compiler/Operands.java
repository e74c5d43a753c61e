package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Operand;

/** Collects the operands of a launch: buffers in the order of the kernel's bindings, then its scalars. */
final class Operands {
    private final List<Operand> operands = new ArrayList<>();

    private Operands() {
    }

    static Operands of() {
        return new Operands();
    }

    Operands add(Operand operand) {
        operands.add(operand);
        return this;
    }

    /** The first {@code count} tensor arguments. */
    Operands arguments(int count) {
        for (int i = 0; i < count; i++) {
            operands.add(Operand.argument(i));
        }
        return this;
    }

    Operands output(int index) {
        return add(Operand.output(index));
    }

    Operands param(int index) {
        return add(Operand.param(index));
    }

    /** The parameters of a matrix: weight, and scales if it is quantized. */
    Operands weight(ParamTable.Weight weight) {
        param(weight.index());
        return weight.quantized() ? param(weight.scaleIndex()) : this;
    }

    Operands kv(int index) {
        return add(Operand.kv(index));
    }

    Operands integer(Expr value) {
        return add(Operand.integer(value));
    }

    /** The offset of a tensor argument in elements of {@code bytes}. */
    Operands offset(int argument, int bytes) {
        return integer(Expr.offset(argument).dividedBy(bytes));
    }

    Operand[] toArray() {
        return operands.toArray(new Operand[0]);
    }
}
