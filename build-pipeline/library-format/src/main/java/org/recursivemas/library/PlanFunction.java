package org.recursivemas.library;

import java.util.List;

/** One function of the library as a list of dispatches. */
public final class PlanFunction {
    /** What stands at each place of the argument list. The ordinal is the code in the image. */
    public enum Argument { TENSOR, STATE, PARAMS }

    /** What the function returns. The ordinal is the code in the image. */
    public enum Result {
        NONE,
        /** Output 0. */
        TENSOR,
        /** Array(output 0, the state argument). */
        ARRAY_WITH_STATE,
        /** Array(output 0, output 1, ...). */
        ARRAY
    }

    /** A tensor that the call creates. */
    public static final class Output {
        private final DType dtype;
        private final List<Expr> shape;

        public Output(DType dtype, List<Expr> shape) {
            this.dtype = dtype;
            this.shape = List.copyOf(shape);
        }

        public DType dtype() {
            return dtype;
        }

        public List<Expr> shape() {
            return shape;
        }
    }

    /** One way to do the work; the first variant whose guard is not 0 is taken. */
    public static final class Variant {
        private final Expr guard;
        private final List<Launch> launches;

        public Variant(Expr guard, List<Launch> launches) {
            this.guard = guard;
            this.launches = List.copyOf(launches);
        }

        public Expr guard() {
            return guard;
        }

        public List<Launch> launches() {
            return launches;
        }
    }

    private final String name;
    private final List<Argument> arguments;
    private final List<DType> tensorTypes;
    private final List<Output> outputs;
    private final Result result;
    private final List<Variant> variants;

    /**
     * @param name as looked up by {@code ModuleGetFunction}, e.g. {@code "get_last_hidden"}
     * @param arguments the argument list; argument indices in expressions and operands count only the TENSOR ones
     * @param tensorTypes the dtype each TENSOR argument must have, in order; the runtime refuses another
     */
    public PlanFunction(String name, List<Argument> arguments, List<DType> tensorTypes, List<Output> outputs,
            Result result, List<Variant> variants) {
        this.name = name;
        this.arguments = List.copyOf(arguments);
        this.tensorTypes = List.copyOf(tensorTypes);
        this.outputs = List.copyOf(outputs);
        this.result = result;
        this.variants = List.copyOf(variants);
    }

    public String name() {
        return name;
    }

    public List<Argument> arguments() {
        return arguments;
    }

    public List<DType> tensorTypes() {
        return tensorTypes;
    }

    public List<Output> outputs() {
        return outputs;
    }

    public Result result() {
        return result;
    }

    public List<Variant> variants() {
        return variants;
    }
}
