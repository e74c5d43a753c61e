package org.recursivemas.library.runtime;

/** A JavaScript function, known by its number. */
final class JsFunction extends FunctionObj {
    private final int self;

    JsFunction(int self) {
        this.self = self;
    }

    @Override
    void call(Args args, Result result) {
        call(args.address(), args.count(), result.address());
    }

    /** Calls with cells in linear memory, which JavaScript may overwrite; {@code result} must hold None. */
    void call(int args, int count, int result) {
        if (Native.safeCall(self, args, count, result) != 0) {
            throw new CallbackException();
        }
    }

    @Override
    void destroy() {
        Native.functionDeleter(self);
    }
}
