package org.recursivemas.library.runtime;

/** A function that JavaScript or the runtime may call. */
abstract class FunctionObj extends Obj {
    FunctionObj() {
        super(TypeIndex.FUNCTION, 8);
    }

    /** Calls the function; {@code args} are borrowed. */
    abstract void call(Args args, Result result);
}
