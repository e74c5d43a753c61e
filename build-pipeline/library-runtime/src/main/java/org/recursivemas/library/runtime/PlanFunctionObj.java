package org.recursivemas.library.runtime;

import java.util.List;
import org.recursivemas.library.DType;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.Operand;
import org.recursivemas.library.PlanFunction;

/** A function of the plan: checks its arguments, makes its outputs and launches its kernels. */
final class PlanFunctionObj extends FunctionObj {
    private final PlanFunction plan;
    private final Vm vm;
    private final String name;
    private final TensorObj[] tensors;
    private final TensorObj[] outputs;
    private final int[] scratch;
    private KvState state;
    private ArrayObj params;

    PlanFunctionObj(PlanFunction plan, Vm vm, String name, int scratchBuffers) {
        this.plan = plan;
        this.vm = vm;
        this.name = name;
        tensors = new TensorObj[plan.tensorTypes().size()];
        outputs = new TensorObj[plan.outputs().size()];
        scratch = new int[scratchBuffers];
    }

    @Override
    void call(Args args, Result result) {
        args.nameFunction(name);
        bind(args);
        try {
            makeOutputs();
            run();
            give(result);
        } finally {
            // whatever has not been handed over
            for (int i = 0; i < outputs.length; ++i) {
                if (outputs[i] != null) {
                    outputs[i].release();
                    outputs[i] = null;
                }
            }
        }
    }

    private void bind(Args args) {
        int places = plan.arguments().size();
        if (args.count() != places) {
            throw new LibraryException(name + ": " + places + " arguments expected, " + args.count() + " given");
        }
        int tensor = 0;
        state = null;
        params = null;
        for (int i = 0; i < places; ++i) {
            switch (plan.arguments().get(i)) {
                case TENSOR:
                    tensors[tensor] = checked(args.tensor(i), plan.tensorTypes().get(tensor), i);
                    ++tensor;
                    break;
                case STATE:
                    state = args.state(i);
                    break;
                default:
                    params = args.array(i);
                    vm.checkParams(params);
                    break;
            }
        }
        if (state != null && tensors.length > 0) {
            int[] dims = tensors[0].dims();
            if (dims.length != 3 || dims[0] != 1 || vm.width() != 0 && dims[2] != vm.width()) {
                throw new LibraryException(name + ": the embeddings should be [1, n, " + vm.width() + "], are "
                        + tensors[0].describe());
            }
            state.checkForward(dims[1], name);
            vm.checkChunk(dims[1], name);
        }
        for (int i = 0; i < scratch.length; ++i) {
            scratch[i] = 0;
        }
    }

    private TensorObj checked(TensorObj tensor, DType expected, int place) {
        if (tensor.dtype() != DataType.of(expected.code(), expected.bits())) {
            throw new LibraryException(name + ": argument " + place + " should be " + expected.text() + ", is "
                    + tensor.describe());
        }
        if (tensor.storage().device() != Storage.WEBGPU) {
            throw new LibraryException(name + ": argument " + place + " should be on the GPU");
        }
        return tensor;
    }

    private void makeOutputs() {
        for (int i = 0; i < outputs.length; ++i) {
            PlanFunction.Output output = plan.outputs().get(i);
            int[] dims = new int[output.shape().size()];
            for (int d = 0; d < dims.length; ++d) {
                dims[d] = evaluate(output.shape().get(d));
            }
            int dtype = DataType.of(output.dtype().code(), output.dtype().bits());
            int bytes = TensorObj.bytes(dims, dtype);
            outputs[i] = new TensorObj(GpuPool.temporary(bytes), dims, dtype, 0);
        }
    }

    private void run() {
        List<PlanFunction.Variant> variants = plan.variants();
        for (int i = 0; i < variants.size(); ++i) {
            PlanFunction.Variant variant = variants.get(i);
            if (evaluate(variant.guard()) != 0) {
                List<Launch> launches = variant.launches();
                for (int l = 0; l < launches.size(); ++l) {
                    launch(launches.get(l));
                }
                return;
            }
        }
        StringBuilder shapes = new StringBuilder();
        for (TensorObj tensor : tensors) {
            shapes.append(' ').append(tensor.describe());
        }
        throw new LibraryException(name + ": the library has no variant for" + shapes);
    }

    private void launch(Launch launch) {
        int gridX = evaluate(launch.gridX());
        int gridY = launch.gridY() == null ? 1 : evaluate(launch.gridY());
        if (gridX == 0 || gridY == 0) {
            return;
        }
        if (gridX < 0 || gridY < 0 || gridY > 65535) {
            throw new LibraryException(name + ": a grid of " + gridX + " x " + gridY + " workgroups");
        }
        JsFunction launcher = vm.kernels().launcher(launch.kernel());
        List<Operand> operands = launch.operands();
        int count = operands.size();
        if (count + 2 > Gpu.MOST_ARGUMENTS) {
            throw new LibraryException(name + ": a kernel with " + count + " operands");
        }
        // buffers first: making a scratch buffer is a call of its own that uses the same cells
        for (int i = 0; i < count; ++i) {
            if (operands.get(i).kind() == Operand.Kind.SCRATCH) {
                scratchBuffer(operands.get(i).index());
            }
        }
        for (int i = 0; i < count; ++i) {
            Operand operand = operands.get(i);
            switch (operand.kind()) {
                case ARGUMENT:
                    Gpu.putPointer(i, tensors[operand.index()].storage().data());
                    break;
                case OUTPUT:
                    Gpu.putPointer(i, outputs[operand.index()].storage().data());
                    break;
                case SCRATCH:
                    Gpu.putPointer(i, scratch[operand.index()]);
                    break;
                case KV:
                    Gpu.putPointer(i, needState().buffer(operand.index()));
                    break;
                case PARAM:
                    Gpu.putPointer(i, param(operand.index()).storage().data());
                    break;
                case INT:
                    Gpu.putInt(i, evaluate(operand.value()));
                    break;
                default:
                    Gpu.putFloat(i, operand.number());
                    break;
            }
        }
        Gpu.putInt(count++, gridX);
        if (launch.gridY() != null) {
            Gpu.putInt(count++, gridY);
        }
        Gpu.launch(launcher, count);
    }

    private void scratchBuffer(int index) {
        if (scratch[index] == 0) {
            scratch[index] = vm.scratch(index, evaluate(vm.scratchBytes(index)));
        }
    }

    private KvState needState() {
        if (state == null) {
            throw new LibraryException(name + ": the plan uses the KV cache, but the function has no state argument");
        }
        return state;
    }

    private TensorObj param(int index) {
        if (params == null) {
            throw new LibraryException(name + ": the plan uses parameters, but the function has no such argument");
        }
        return (TensorObj) params.get(index);
    }

    private void give(Result result) {
        switch (plan.result()) {
            case TENSOR:
                result.object(outputs[0]);
                outputs[0] = null;
                break;
            case ARRAY_WITH_STATE:
                needState().retain();
                result.object(new ArrayObj(outputs[0], state));
                outputs[0] = null;
                break;
            case ARRAY:
                Obj[] items = new Obj[outputs.length];
                for (int i = 0; i < items.length; ++i) {
                    items[i] = outputs[i];
                    outputs[i] = null;
                }
                result.object(new ArrayObj(items));
                break;
            default:
                break;
        }
    }

    private int evaluate(Expr expr) {
        switch (expr.op()) {
            case CONST:
                return expr.a();
            case DIM:
                return dim(expr.a(), expr.b());
            case OFFSET:
                checkTensor(expr.a());
                return tensors[expr.a()].byteOffset();
            case POSITION:
                return needState().forwardStart();
            case CAPACITY:
                return needState().capacity();
            default:
                return binary(expr.op(), evaluate(expr.left()), evaluate(expr.right()));
        }
    }

    private int dim(int argument, int dimension) {
        checkTensor(argument);
        int[] dims = tensors[argument].dims();
        if (dimension >= dims.length) {
            throw new LibraryException(name + ": tensor argument " + argument + " should have at least "
                    + (dimension + 1) + " dimensions, is " + tensors[argument].describe());
        }
        return dims[dimension];
    }

    private void checkTensor(int argument) {
        if (argument >= tensors.length) {
            throw new LibraryException(name + ": the plan refers to tensor argument " + argument + " of "
                    + tensors.length);
        }
    }

    private int binary(Expr.Op op, int left, int right) {
        switch (op) {
            case ADD:
                return left + right;
            case SUB:
                return left - right;
            case MUL:
                return left * right;
            case DIV:
            case CEIL_DIV:
                if (right == 0) {
                    throw new LibraryException(name + ": the plan divides by zero");
                }
                return op == Expr.Op.DIV ? left / right : (left + right - 1) / right;
            case MIN:
                return Math.min(left, right);
            case MAX:
                return Math.max(left, right);
            case EQ:
                return left == right ? 1 : 0;
            default:
                return left <= right ? 1 : 0;
        }
    }
}
