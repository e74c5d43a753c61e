package org.recursivemas.compiler.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.library.DType;

/** Random parameters of a model: as the GPU gets them, and as the numbers they stand for. */
public final class RandomModel {
    private final ModelConfig config;
    private final ParamTable table;
    private final boolean half;
    private final List<byte[]> stored = new ArrayList<>();
    private final Map<String, float[]> values = new HashMap<>();

    public RandomModel(ModelConfig config, Quantization quantization, long seed) {
        this.config = config;
        this.table = new ParamTable(config, quantization);
        this.half = quantization.modelType() == DType.FLOAT16;
        Random random = new Random(seed);
        for (int i = 0; i < table.params().size(); i++) {
            ParamTable.Param param = table.params().get(i);
            if (param.role() == ParamTable.Role.PLAIN) {
                plain(param, random);
            } else if (param.role() == ParamTable.Role.Q_WEIGHT) {
                quantized(param, table.params().get(i + 1), random);
            }
        }
    }

    private void plain(ParamTable.Param param, Random random) {
        boolean matrix = param.shape().size() == 2;
        boolean gain = param.name().contains("norm");
        double scale = matrix ? 1.5 / Math.sqrt(param.shape().get(1)) : gain ? 0.3 : 0.1;
        if (param.name().contains("embed_tokens")) {
            scale = 0.5;
        }
        float[] numbers = new float[(int) param.elements()];
        ByteBuffer bytes = ByteBuffer.allocate((int) param.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = put(bytes, (float) ((gain ? 1 : 0) + scale * random.nextGaussian()));
        }
        stored.add(bytes.array());
        values.put(param.name(), numbers);
    }

    private float put(ByteBuffer bytes, float value) {
        if (!half) {
            bytes.putFloat(value);
            return value;
        }
        short bits = Half.of(value);
        bytes.putShort(bits);
        return Half.toFloat(bits);
    }

    private void quantized(ParamTable.Param weight, ParamTable.Param scales, Random random) {
        int rows = weight.logicalShape().get(0);
        int columns = weight.logicalShape().get(1);
        int groups = Quantization.groups(columns);
        double size = weight.name().contains("embed_tokens") ? 0.12 : 0.35 / Math.sqrt(columns);
        ByteBuffer words = ByteBuffer.allocate((int) weight.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer scaleBytes = ByteBuffer.allocate((int) scales.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int group = 0; group < groups; group++) {
                float scale = put(scaleBytes, (float) (size * (0.5 + random.nextDouble())));
                for (int word = 0; word < 4; word++) {
                    int bits = 0;
                    for (int nibble = 0; nibble < 8; nibble++) {
                        int column = group * 32 + word * 8 + nibble;
                        if (column < columns) {
                            int code = random.nextInt(15);
                            bits |= code << 4 * nibble;
                            numbers[row * columns + column] = (code - 7) * scale;
                        }
                    }
                    words.putInt(bits);
                }
            }
        }
        stored.add(words.array());
        stored.add(scaleBytes.array());
        values.put(weight.name().replace(".q_weight", ".weight"), numbers);
    }

    /** Parameters as stored, in the order of the packed array. */
    public List<byte[]> stored() {
        return stored;
    }

    public ModelConfig config() {
        return config;
    }

    /** Numbers of a tensor; a quantized matrix by its unquantized name. */
    public float[] values(String name) {
        float[] found = values.get(name);
        if (found == null) {
            throw new IllegalArgumentException(name);
        }
        return found;
    }
}
