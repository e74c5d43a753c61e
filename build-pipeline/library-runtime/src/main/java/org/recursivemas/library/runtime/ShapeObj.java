package org.recursivemas.library.runtime;

/** A Shape: a list of sizes. tvmjs never looks inside. */
final class ShapeObj extends Obj {
    private final int[] dims;

    ShapeObj(int[] dims) {
        super(TypeIndex.SHAPE, 8);
        this.dims = dims;
        Memory.putLong(handle() + HEADER, 0);
    }

    int[] dims() {
        return dims;
    }
}
