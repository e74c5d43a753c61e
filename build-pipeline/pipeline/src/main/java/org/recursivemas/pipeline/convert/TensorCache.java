package org.recursivemas.pipeline.convert;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * tensor-cache.json: which tensor lies where in which shard.
 *
 * @param metadata totals, for people
 * @param records  the shards
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"metadata", "records"})
record TensorCache(@JsonProperty("metadata") Metadata metadata, @JsonProperty("records") List<Shard> records) {
    static final String FILE = "tensor-cache.json";
    /** {@link Entry#format} of float32 tensors stored as the upper halves of their elements. */
    static final String BF16 = "f32-to-bf16";
    /** {@link Entry#format} of tensors stored as they are. */
    static final String RAW = "raw";

    /**
     * Totals.
     *
     * @param paramSize    number of tensors
     * @param paramBytes   bytes in memory, float32 counting 4 whatever the codec
     * @param bitsPerParam bits in memory per element of the checkpoint
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonPropertyOrder({"ParamSize", "ParamBytes", "BitsPerParam"})
    record Metadata(@JsonProperty("ParamSize") int paramSize, @JsonProperty("ParamBytes") double paramBytes,
            @JsonProperty("BitsPerParam") double bitsPerParam) {
    }

    /** One shard file. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonPropertyOrder({"dataPath", "format", "nbytes", "records", "md5sum"})
    record Shard(@JsonProperty("dataPath") String dataPath, @JsonProperty("format") String format,
            @JsonProperty("nbytes") long nbytes, @JsonProperty("records") List<Entry> records,
            @JsonProperty("md5sum") String md5sum) {
    }

    /** One tensor; {@code nbytes} are those in the file. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonPropertyOrder({"name", "shape", "dtype", "format", "nbytes", "byteOffset"})
    record Entry(@JsonProperty("name") String name, @JsonProperty("shape") List<Integer> shape,
            @JsonProperty("dtype") String dtype, @JsonProperty("format") String format,
            @JsonProperty("nbytes") long nbytes, @JsonProperty("byteOffset") long byteOffset) {
    }
}
