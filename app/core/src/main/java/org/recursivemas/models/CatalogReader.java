package org.recursivemas.models;

import java.util.HashSet;
import java.util.Set;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModelCatalog;
import org.recursivemas.measure.Fields;

/** Reads catalogues, strictly. */
public final class CatalogReader {
    private static final Set<String> QUANTIZATIONS = Set.of("q0f32", "q0f16", "q4f32_1", "q4f16_1");

    private CatalogReader() {
    }

    /**
     * @param tree the parsed catalogue
     * @param file its address, for messages
     * @throws FormatException naming the field that does not fit
     */
    public static ModelCatalog read(Object tree, String file) {
        Fields fields = Fields.of(tree, file, ModelCatalog.FORMAT, ModelCatalog.VERSION);
        ModelCatalog catalog = new ModelCatalog();
        Set<String> ids = new HashSet<>();
        for (Fields entry : fields.objects("entries")) {
            CatalogEntry read = entry(entry);
            if (!ids.add(read.id)) {
                throw entry.fault("id", "\"" + read.id + "\" occurs twice");
            }
            catalog.entries.add(read);
        }
        for (CatalogEntry entry : catalog.entries) {
            if (entry.alternative != null && !ids.contains(entry.alternative)) {
                throw fields.fault("entries", "name \"" + entry.alternative + "\" as the alternative of \"" + entry.id
                        + "\", but hold no such entry");
            }
        }
        return catalog;
    }

    private static CatalogEntry entry(Fields fields) {
        CatalogEntry entry = new CatalogEntry();
        entry.id = filled(fields, "id");
        if (!isPlain(entry.id)) {
            throw fields.fault("id", "is \"" + entry.id + "\", not letters, digits, '.', '_' and '-'");
        }
        entry.title = filled(fields, "title");
        entry.description = fields.text("description");
        entry.team = filled(fields, "team");
        entry.manifest = fields.optional("manifest");
        entry.latent = fields.flag("latent");
        entry.licence = filled(fields, "licence");
        entry.licenceUrl = fields.optional("licence_url");
        if (entry.licenceUrl != null && !entry.licenceUrl.startsWith("https://")) {
            throw fields.fault("licence_url", "is " + entry.licenceUrl + ", not an https address");
        }
        entry.note = fields.optional("note");
        entry.alternative = fields.optional("alternative");
        for (Fields model : fields.objects("models")) {
            entry.models.add(model(model));
        }
        if (entry.models.isEmpty()) {
            throw fields.fault("models", "is empty");
        }
        return entry;
    }

    private static CatalogModel model(Fields fields) {
        CatalogModel model = new CatalogModel();
        model.folder = filled(fields, "folder");
        if (!model.folder.endsWith("/")) {
            throw fields.fault("folder", "is " + model.folder + ", which does not end with a slash");
        }
        model.library = filled(fields, "library");
        model.quantization = fields.text("quantization");
        if (!QUANTIZATIONS.contains(model.quantization)) {
            throw fields.fault("quantization", "is " + model.quantization + ", not q0f32, q0f16, q4f32_1 or q4f16_1");
        }
        model.f16 = fields.flag("f16");
        model.parameters = fields.amount("parameters");
        model.hiddenSize = fields.whole("hidden_size", 1, Integer.MAX_VALUE);
        model.contextWindow = fields.whole("context_window", 1, Integer.MAX_VALUE);
        model.downloadBytes = fields.amount("download_bytes");
        model.downloadCounted = fields.flag("download_counted");
        model.libraryBytes = fields.amount("library_bytes");
        model.weightBytes = fields.amount("weight_bytes");
        model.cacheBytes = fields.amount("cache_bytes");
        model.scratchBytes = fields.amount("scratch_bytes");
        model.largestBufferBytes = fields.amount("largest_buffer_bytes");
        return model;
    }

    private static String filled(Fields fields, String name) {
        String text = fields.text(name);
        if (text.isBlank()) {
            throw fields.fault(name, "is blank");
        }
        return text;
    }

    private static boolean isPlain(String id) {
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letter && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }
}
