package org.recursivemas.pipeline.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.convert.JsonFiles;

/**
 * What a catalogue is made from.
 *
 * @param chats chat formats by name
 * @param team roles, prompts and hand-offs that every backbone is offered in; its agents name no model
 * @param backbones published models
 */
public record CatalogSource(
        @JsonProperty("format") String format,
        @JsonProperty("version") int version,
        @JsonProperty("chats") Map<String, ChatFormat> chats,
        @JsonProperty("team") Team team,
        @JsonProperty("backbones") List<Backbone> backbones) {
    public static final String FORMAT = "recursivemas.catalog-source";
    public static final int VERSION = 1;
    /** Stands in addresses for the quantization. */
    static final String QUANTIZATION = "{quantization}";
    private static final String REMEDY = "Correct the catalogue's source";

    /**
     * A published model.
     *
     * @param shape a known shape, see {@link org.recursivemas.pipeline.convert.RandomCheckpoint#SHAPES}, or a config.json
     * @param chat name of its chat format
     * @param weights address of the folder of its weights, with {@link #QUANTIZATION}
     * @param quantizations in which the weights are published; one without f16 is the alternative of the others
     * @param activeVocabulary token ids from this one on are never sampled
     * @param tokenizerBytes size of its tokenizer.json
     * @param stockLibrary address of a library of WebLLM's own that shows hidden states, with {@link #QUANTIZATION}; or null
     */
    public record Backbone(
            @JsonProperty("id") String id,
            @JsonProperty("title") String title,
            @JsonProperty("shape") String shape,
            @JsonProperty("chat") String chat,
            @JsonProperty("weights") String weights,
            @JsonProperty("quantizations") List<String> quantizations,
            @JsonProperty("active_vocabulary") int activeVocabulary,
            @JsonProperty("tokenizer_bytes") long tokenizerBytes,
            @JsonProperty("licence") String licence,
            @JsonProperty("licence_url") String licenceUrl,
            @JsonProperty("stock_library") String stockLibrary) {
    }

    /** Reads and checks a file. @throws InputException naming the field that does not fit */
    public static CatalogSource read(Path file) {
        CatalogSource source = JsonFiles.read(file, CatalogSource.class, REMEDY);
        require(FORMAT.equals(source.format), file, "format", "is " + source.format + ", not " + FORMAT);
        require(source.version == VERSION, file, "version", "is " + source.version + "; this program reads " + VERSION);
        require(source.team != null && source.team.agents != null && !source.team.agents.isEmpty(), file, "team",
                "is missing or has no agents");
        require(source.backbones != null && !source.backbones.isEmpty(), file, "backbones", "is missing or empty");
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < source.backbones.size(); i++) {
            Backbone backbone = source.backbones.get(i);
            String at = "backbones[" + i + "].";
            require(backbone.id != null && backbone.id.matches("[a-z0-9][a-z0-9._-]*") && ids.add(backbone.id), file,
                    at + "id", "is " + backbone.id + ": it must be unique, of small letters, digits, '.', '_' and '-'");
            require(backbone.title != null, file, at + "title", "is missing");
            require(backbone.shape != null, file, at + "shape", "is missing");
            require(backbone.licence != null, file, at + "licence", "is missing");
            require(source.chats != null && source.chats.get(backbone.chat) != null, file, at + "chat",
                    "is " + backbone.chat + ", which chats does not hold");
            require(address(backbone.weights) && backbone.weights.endsWith("/"), file, at + "weights",
                    "is not an https address of a folder, with a slash at its end and with " + QUANTIZATION);
            require(backbone.stockLibrary == null || address(backbone.stockLibrary), file, at + "stock_library",
                    "is not an https address with " + QUANTIZATION);
            require(backbone.quantizations != null && !backbone.quantizations.isEmpty(), file, at + "quantizations",
                    "is missing or empty");
            require(backbone.activeVocabulary > 0, file, at + "active_vocabulary", "is " + backbone.activeVocabulary);
            require(backbone.tokenizerBytes > 0, file, at + "tokenizer_bytes", "is " + backbone.tokenizerBytes);
        }
        return source;
    }

    private static boolean address(String text) {
        return text != null && text.startsWith("https://") && text.contains(QUANTIZATION);
    }

    private static void require(boolean good, Path file, String field, String what) {
        if (!good) {
            throw new InputException(file, field, what, REMEDY);
        }
    }
}
