package org.recursivemas.library;

/** One argument of a kernel launch, in the order of the kernel's {@code arg_types}. */
public final class Operand {
    /** Kinds. The ordinal is the code in the image: append only. */
    public enum Kind {
        /**
         * Buffer of tensor argument {@code index} of the function (whole buffer; its offset is {@link
         * Expr.Op#OFFSET}).
         */
        ARGUMENT,
        /** Buffer of output {@code index} of the function. */
        OUTPUT,
        /**
         * Scratch buffer {@code index} of the plan, shared by all functions, contents undefined at the start of a
         * call.
         */
        SCRATCH,
        /** KV cache buffer {@code index}. */
        KV,
        /** Parameter {@code index} in {@code _metadata.params} order. */
        PARAM,
        /** An int32 or uint32 scalar. */
        INT,
        /** A float32 scalar. */
        FLOAT
    }

    private final Kind kind;
    private final int index;
    private final Expr value;
    private final float number;

    private Operand(Kind kind, int index, Expr value, float number) {
        this.kind = kind;
        this.index = index;
        this.value = value;
        this.number = number;
    }

    public static Operand argument(int index) {
        return new Operand(Kind.ARGUMENT, index, null, 0);
    }

    public static Operand output(int index) {
        return new Operand(Kind.OUTPUT, index, null, 0);
    }

    public static Operand scratch(int index) {
        return new Operand(Kind.SCRATCH, index, null, 0);
    }

    public static Operand kv(int index) {
        return new Operand(Kind.KV, index, null, 0);
    }

    public static Operand param(int index) {
        return new Operand(Kind.PARAM, index, null, 0);
    }

    public static Operand integer(Expr value) {
        return new Operand(Kind.INT, 0, value, 0);
    }

    public static Operand real(float value) {
        return new Operand(Kind.FLOAT, 0, null, value);
    }

    public Kind kind() {
        return kind;
    }

    public int index() {
        return index;
    }

    public Expr value() {
        return value;
    }

    public float number() {
        return number;
    }
}
