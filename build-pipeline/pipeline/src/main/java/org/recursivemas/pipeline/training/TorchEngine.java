package org.recursivemas.pipeline.training;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import org.recursivemas.pipeline.InputException;

/**
 * PyTorch, through DJL, with natives from the class path and nothing from the network. One for the whole process: the
 * library can be loaded once only.
 */
final class TorchEngine {
    static {
        // Neither fetch anything nor report the use of the library to its makers.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.default_engine", "PyTorch");
    }

    private static final String NATIVE = "native/lib/pytorch.properties";
    private static final String REMEDY = "Put the jar ai.djl.pytorch:pytorch-native-cpu of this system (the build leaves"
            + " it in target/lib/pytorch-native.jar) as lib/pytorch-native.jar beside recursivemas.jar";
    private static TorchEngine instance;

    private final Engine engine;
    private final Device device;
    private volatile int operationThreads = 1;

    private TorchEngine() {
        if (TorchEngine.class.getClassLoader().getResource(NATIVE) == null) {
            throw new InputException("PyTorch", "its native library is not there", REMEDY, null);
        }
        try {
            engine = Engine.getEngine("PyTorch");
        } catch (EngineException | UnsatisfiedLinkError e) {
            throw new InputException("PyTorch", "its native library cannot be loaded (" + e.getMessage() + ")", REMEDY,
                    e);
        }
        device = engine.getGpuCount() > 0 ? Device.gpu() : Device.cpu();
    }

    /**
     * The engine.
     *
     * @throws InputException when the native library is missing, saying what to put where
     */
    static synchronized TorchEngine get() {
        if (instance == null) {
            instance = new TorchEngine();
        }
        return instance;
    }

    /** Whether the work is done on a GPU. */
    boolean gpu() {
        return device.isGpu();
    }

    /** For messages and model cards. */
    String description() {
        return "PyTorch " + engine.getVersion() + (gpu() ? ", GPU" : ", CPU");
    }

    /** Threads within one operation, on the CPU; 1 unless it is set: problems are spread over threads instead. */
    void operationThreads(int threads) {
        operationThreads = threads;
    }

    /** A new owner of arrays on the device, for use by this thread; all of them are freed with it. */
    NDManager newManager() {
        if (JniUtils.getNumThreads() != operationThreads) {
            JniUtils.setNumThreads(operationThreads); // holds for the calling thread
        }
        return engine.newBaseManager(device);
    }

    /** Opens the collection of gradients; there may be one at a time, and it serves all threads. */
    GradientCollector collect() {
        return engine.newGradientCollector();
    }

    /**
     * An array with a copy of {@code values} in native memory. What {@code NDManager.create} makes of a Java array on a CPU
     * lives in a buffer that is freed with the Java object, even while a graph still refers to it.
     */
    static NDArray array(NDManager manager, float[] values, long... shape) {
        try (NDArray borrowed = manager.create(values, new Shape(shape))) {
            return borrowed.duplicate();
        }
    }

    /** As for floats. */
    static NDArray array(NDManager manager, double[] values, long... shape) {
        try (NDArray borrowed = manager.create(values, new Shape(shape))) {
            return borrowed.duplicate();
        }
    }

    /** As for floats; indices are int32. */
    static NDArray array(NDManager manager, int[] values, long... shape) {
        try (NDArray borrowed = manager.create(values, new Shape(shape))) {
            return borrowed.duplicate();
        }
    }

    /**
     * x times a number. {@code NDArray.mul(Number)} and {@code pow(Number)} keep the number in a Java buffer that may be freed
     * before the backward pass reads it; sums with numbers are safe, since their gradient does not need the number.
     */
    static NDArray scaled(NDArray x, double factor) {
        return x.mul(array(x.getManager(), new float[] {(float) factor}, 1));
    }

    /** x W^T + bias for x [..., in], weight [out, in], bias [out] or null. */
    static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return x.getNDArrayInternal().linear(x, weight, bias).singletonOrThrow();
    }

    /** Rows of {@code table} [n, width] by index: int32 or int64 indices [...] to [..., width]. */
    static NDArray rows(NDArray indices, NDArray table) {
        return table.getNDArrayInternal().embedding(indices, table, ai.djl.ndarray.types.SparseFormat.DENSE)
                .singletonOrThrow();
    }

    /** LayerNorm over the last axis with biased variance. */
    static NDArray layerNorm(NDArray x, NDArray gain, NDArray bias, double epsilon) {
        return x.getNDArrayInternal().layerNorm(x, new Shape(x.getShape().get(x.getShape().dimension() - 1)), gain,
                bias, (float) epsilon).singletonOrThrow();
    }

    /** Two parts of the last axis, the first of width {@code first}. */
    static NDList cut(NDArray x, long... at) {
        return x.split(at, x.getShape().dimension() - 1);
    }
}
