package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/** A team that a person can download and use. Addresses are absolute or relative to the catalogue. */
public class CatalogEntry {
    /** Unique in the catalogue: letters, digits, '.', '_' and '-'. */
    @JsonProperty public String id;
    @JsonProperty public String title;
    @JsonProperty public String description;
    /** The team file that uses these models. */
    @JsonProperty public String team;
    /** Manifest of the package that the team comes in, which states checksums; null where there is none. */
    @JsonProperty public String manifest;
    /** Whether the team has links, so that its agents can hand over hidden states. */
    @JsonProperty public boolean latent;
    /** Name of the models' licence. */
    @JsonProperty public String licence;
    /** Where the licence can be read, or null. */
    @JsonProperty("licence_url") public String licenceUrl;
    /** What has not been tried, or what else a person has to know before downloading; null when there is nothing. */
    @JsonProperty public String note;
    /** The id of an entry that does the same without shader-f16; null where none does or none needs to. */
    @JsonProperty public String alternative;
    @JsonProperty public List<CatalogModel> models = new ArrayList<>();
}
