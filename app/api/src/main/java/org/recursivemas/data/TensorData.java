package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** A small tensor inside a JSON file: little-endian values in standard, padded base64, row-major. */
@JsonPersistable
public class TensorData {
    @JsonProperty public int[] shape;
    /** {@code "f32"}, {@code "f16"} or {@code "bf16"}. */
    @JsonProperty public String dtype;
    @JsonProperty public String data;
}
