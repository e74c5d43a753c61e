package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** A corpus: short texts that a search tool looks through, shipped beside a team file. */
@JsonPersistable
public class CorpusFile {
    public static final String FORMAT = "recursivemas.corpus";
    public static final int VERSION = 1;

    /** {@link #FORMAT}. */
    @JsonProperty public String format;
    /** {@link #VERSION}. */
    @JsonProperty public int version;
    /** What the texts are, for people. */
    @JsonProperty public String title;
    /** A search finds one of these. */
    @JsonProperty public List<String> documents = new ArrayList<>();
}
