package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One RecursiveLink of a recursivelink.json.
 *
 * <p>General form, of which the released types (recursivemas.md 1.3) are cases:
 * <pre>y = post( P2 · GELU(P1 · LN_pre(x) + b1) + b2  +  residual(x) )</pre>
 * with exact-erf GELU, LayerNorm eps 1e-5 and biased variance.
 */
@JsonPersistable
public class LinkEntry {
    /** Unique in the file, e.g. {@code "planner"} (inner) or {@code "planner->critic"} (outer). */
    @JsonProperty public String id;
    /** {@code "inner"} or {@code "outer"}. */
    @JsonProperty public String kind;
    /** Agent id whose hidden states go in. */
    @JsonProperty public String from;
    /** Agent id that reads the output (equal to {@code from} for an inner link). */
    @JsonProperty public String to;
    @JsonProperty("in_width") public int inWidth;
    /** Rows of P1; 0 when the link has no MLP branch. */
    @JsonProperty("hidden_width") public int hiddenWidth;
    @JsonProperty("out_width") public int outWidth;
    /** {@code "identity"} (residual(x) = x, widths equal) or {@code "projection"} (residual(x) = P3 · x + b3). */
    @JsonProperty public String residual;
    /** {@code "layer_norm"} or {@code "none"}. */
    @JsonProperty("post_norm") public String postNorm;
    /**
     * Tensors by name: {@code pre_ln.weight, pre_ln.bias [in]; proj1.weight [hidden,in], proj1.bias [hidden];
     * proj2.weight [out,hidden], proj2.bias [out]; residual_proj.weight [out,in], residual_proj.bias [out];
     * post_ln.weight, post_ln.bias [out]}. Present exactly when the form above uses them.
     */
    @JsonProperty public Map<String, TensorData> tensors = new LinkedHashMap<>();
}
