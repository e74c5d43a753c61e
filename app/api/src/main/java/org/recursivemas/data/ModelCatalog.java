package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/** A catalogue of teams and models (catalog.json): what each takes, before anything of it is downloaded. */
public class ModelCatalog {
    public static final String FORMAT = "recursivemas.catalog";
    public static final int VERSION = 1;

    /** {@link #FORMAT}. */
    @JsonProperty public String format = FORMAT;
    /** {@link #VERSION}. */
    @JsonProperty public int version = VERSION;
    @JsonProperty public List<CatalogEntry> entries = new ArrayList<>();
}
