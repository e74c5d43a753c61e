package org.recursivemas.library;

/**
 * An integer expression over the sizes known when a function of the library is called. A small tree, written to the
 * image in
 * postfix order. Values are 32-bit and never negative.
 */
public final class Expr {
    /** Operators. The ordinal is the code in the image: append only. */
    public enum Op {
        /** {@code a}: a constant. */
        CONST,
        /** Dimension {@code b} of tensor argument {@code a}. */
        DIM,
        /** Byte offset of tensor argument {@code a} in its buffer. */
        OFFSET,
        /** Positions in the KV cache before this forward. */
        POSITION,
        /** Capacity of the KV cache in positions. */
        CAPACITY,
        ADD, SUB, MUL,
        /** Rounded down. */
        DIV,
        /** Rounded up. */
        CEIL_DIV,
        MIN, MAX,
        /** 1 when left equals right, else 0. */
        EQ,
        /** 1 when left is at most right, else 0. */
        LE
    }

    private final Op op;
    private final int a;
    private final int b;
    private final Expr left;
    private final Expr right;

    private Expr(Op op, int a, int b, Expr left, Expr right) {
        this.op = op;
        this.a = a;
        this.b = b;
        this.left = left;
        this.right = right;
    }

    public static Expr constant(int value) {
        return new Expr(Op.CONST, value, 0, null, null);
    }

    public static Expr dim(int argument, int dimension) {
        return new Expr(Op.DIM, argument, dimension, null, null);
    }

    public static Expr offset(int argument) {
        return new Expr(Op.OFFSET, argument, 0, null, null);
    }

    public static Expr position() {
        return new Expr(Op.POSITION, 0, 0, null, null);
    }

    public static Expr capacity() {
        return new Expr(Op.CAPACITY, 0, 0, null, null);
    }

    /** A binary operator from {@code ADD} on. */
    public static Expr binary(Op op, Expr left, Expr right) {
        if (op.ordinal() < Op.ADD.ordinal() || left == null || right == null) {
            throw new IllegalArgumentException("not a binary operator with two operands: " + op);
        }
        return new Expr(op, 0, 0, left, right);
    }

    public Expr plus(Expr other) {
        return binary(Op.ADD, this, other);
    }

    public Expr plus(int other) {
        return plus(constant(other));
    }

    public Expr times(int other) {
        return binary(Op.MUL, this, constant(other));
    }

    public Expr dividedBy(int other) {
        return binary(Op.DIV, this, constant(other));
    }

    public Expr ceilDividedBy(int other) {
        return binary(Op.CEIL_DIV, this, constant(other));
    }

    public Op op() {
        return op;
    }

    /** The constant, argument index, or 0. */
    public int a() {
        return a;
    }

    /** The dimension of {@code DIM}, or 0. */
    public int b() {
        return b;
    }

    public Expr left() {
        return left;
    }

    public Expr right() {
        return right;
    }
}
