package org.recursivemas.library.runtime;

/** A function written in Java. */
final class Builtin extends FunctionObj {
    /** The code of a builtin. */
    interface Body {
        void call(Args args, Result result);
    }

    private final String name;
    private final Body body;

    Builtin(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    @Override
    void call(Args args, Result result) {
        args.nameFunction(name);
        body.call(args, result);
    }
}
