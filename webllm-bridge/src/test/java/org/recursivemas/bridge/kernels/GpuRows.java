package org.recursivemas.bridge.kernels;

import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferDescriptor;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.bridge.webgpu.GPUDevice;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;

/** Rows of floats in and out of GPU buffers. */
final class GpuRows {
    private static final int USAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

    private GpuRows() {
    }

    static GPUBuffer empty(GPUDevice device, int words) {
        return device.createBuffer(GPUBufferDescriptor.create("rows", words * 4.0, USAGE));
    }

    static GPUBuffer floats(GPUDevice device, float[][] rows) {
        float[] all = new float[rows.length * rows[0].length];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, all, row * rows[0].length, rows[0].length);
        }
        GPUBuffer buffer = empty(device, all.length);
        device.getQueue().writeBuffer(buffer, 0, Float32Array.copyFromJavaArray(all));
        return buffer;
    }

    static GPUBuffer words(GPUDevice device, int[] words) {
        GPUBuffer buffer = empty(device, words.length);
        device.getQueue().writeBuffer(buffer, 0, Int32Array.copyFromJavaArray(words));
        return buffer;
    }

    static int[] readWords(GPUDevice device, GPUBuffer buffer, int words) {
        return new Int32Array(Readback.read(device, words * 4,
                (encoder, destination) -> encoder.copyBufferToBuffer(buffer, 0, destination, 0, words * 4.0)))
                .copyToJavaArray();
    }

    static float[][] readRows(GPUDevice device, GPUBuffer buffer, int rows, int width) {
        int[] words = readWords(device, buffer, rows * width);
        float[][] result = new float[rows][width];
        for (int i = 0; i < words.length; i++) {
            result[i / width][i % width] = Float.intBitsToFloat(words[i]);
        }
        return result;
    }
}
