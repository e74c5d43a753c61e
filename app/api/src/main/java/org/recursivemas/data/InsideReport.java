package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** What the hidden states and messages of one latent run look like. Made from copies that are read after its answer. */
@JsonPersistable
public class InsideReport {
    /** In the order in which they arose. */
    @JsonProperty public List<InsideBlock> blocks = new ArrayList<>();
    /** One for each agent that rolled out. */
    @JsonProperty public List<InsideGrid> grids = new ArrayList<>();
    /** Bytes of latents that were kept on the device until the answer was written. */
    @JsonProperty("kept_bytes") public double keptBytes;
}
