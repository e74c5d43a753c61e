package org.recursivemas.models;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.data.FormatException;
import org.recursivemas.measure.Fields;

/** What the package at an address offers: its manifest, and the two files of each model that tell what it takes. */
public final class PackageReader {
    public static final String MANIFEST = "manifest.json";
    private static final String FORMAT = "recursivemas.package";

    private PackageReader() {
    }

    /**
     * SHA-256 by absolute address of all files that a manifest names.
     *
     * @param base absolute address of the manifest's folder
     */
    public static Map<String, String> digests(Object manifest, String base) {
        Map<String, String> digests = new HashMap<>();
        for (Fields file : Fields.of(manifest, base + MANIFEST, FORMAT, 1).objects("files")) {
            String hash = file.text("sha256");
            if (hash.length() != 64) {
                throw file.fault("sha256", "is no SHA-256 in hexadecimal");
            }
            digests.put(base + path(file, "path"), hash);
        }
        return digests;
    }

    /** A path inside the package. */
    private static String path(Fields fields, String name) {
        String path = fields.text(name);
        if (path.isEmpty() || path.startsWith("/") || path.contains("..") || path.contains(":") || path.contains("\\")
                || path.contains("?") || path.contains("#")) {
            throw fields.fault(name, "is \"" + path + "\", not a path inside the package");
        }
        return path;
    }

    /**
     * The package as an entry of a catalogue. Its team is null when it is the package of a model.
     *
     * @param base absolute address of the manifest's folder
     * @param json parsed files by absolute address
     * @throws FormatException naming the file and the field that does not fit
     */
    public static CatalogEntry entry(Object manifest, String base, Function<String, Object> json) {
        Fields fields = Fields.of(manifest, base + MANIFEST, FORMAT, 1);
        CatalogEntry entry = new CatalogEntry();
        entry.id = fields.text("name");
        String title = fields.optional("title");
        entry.title = title == null ? entry.id : title;
        String description = fields.optional("description");
        entry.description = description == null ? "" : description;
        entry.team = fields.optional("team") == null ? null : base + path(fields, "team");
        entry.manifest = base + MANIFEST;
        entry.latent = fields.optional("links") != null;
        String licence = fields.optional("licence");
        entry.licence = licence == null ? "not stated" : licence;
        List<Fields> files = fields.objects("files");
        for (Fields model : fields.objects("models")) {
            entry.models.add(model(model, files, base, json));
        }
        if (entry.models.isEmpty()) {
            throw fields.fault("models", "is empty");
        }
        return entry;
    }

    private static CatalogModel model(Fields fields, List<Fields> files, String base, Function<String, Object> json) {
        CatalogModel model = new CatalogModel();
        String folder = path(fields, "model");
        if (!folder.endsWith("/")) {
            throw fields.fault("model", "is \"" + folder + "\", which does not end with a slash");
        }
        String library = path(fields, "library");
        model.folder = base + folder;
        model.library = base + library;
        model.quantization = fields.text("quantization");
        model.f16 = model.quantization.contains("f16");
        model.hiddenSize = fields.count("hidden_size");
        model.contextWindow = fields.count("context_window");
        model.downloadCounted = true;
        for (Fields file : files) {
            String path = path(file, "path");
            if (path.equals(library)) {
                model.libraryBytes = file.amount("bytes");
            } else if (path.startsWith(folder) && !path.endsWith(MANIFEST)) {
                model.downloadBytes += file.amount("bytes");
            }
        }
        measure(model, json.apply(model.folder + ModelFolder.CONFIG), json.apply(model.folder + ModelFolder.INDEX));
        return model;
    }

    /** What the model takes on a GPU. Memory of a forward pass is not known from these files and stays 0. */
    static void measure(CatalogModel model, Object config, Object index) {
        String configFile = model.folder + ModelFolder.CONFIG;
        Fields shape = Fields.of(config, configFile).optionalObject("model_config");
        if (shape == null) {
            throw Fields.of(config, configFile).fault("model_config", "is missing");
        }
        long keys = shape.amount("num_key_value_heads") * shape.amount("head_dim") * (model.f16 ? 2 : 4) * model.contextWindow;
        model.cacheBytes = 2 * keys * shape.amount("num_hidden_layers");
        model.largestBufferBytes = keys;
        for (Fields shard : Fields.of(index, model.folder + ModelFolder.INDEX).objects("records")) {
            for (Fields tensor : shard.objects("records")) {
                long elements = 1;
                for (double extent : tensor.numbers("shape")) {
                    elements *= (long) extent;
                }
                long bytes = elements * width(tensor);
                model.weightBytes += bytes;
                model.largestBufferBytes = Math.max(model.largestBufferBytes, bytes);
                model.parameters += count(tensor, elements);
            }
        }
    }

    private static int width(Fields tensor) {
        switch (tensor.text("dtype")) {
            case "float32":
            case "uint32":
            case "int32":
                return 4;
            case "float16":
            case "bfloat16":
                return 2;
            case "int8":
            case "uint8":
                return 1;
            default:
                throw tensor.fault("dtype", "is " + tensor.text("dtype") + ", which no model here has");
        }
    }

    /** Numbers before quantization: eight of four bits in a word; scales are none of the model's own. */
    private static long count(Fields tensor, long elements) {
        String name = tensor.text("name");
        return name.endsWith(".q_weight") ? 8 * elements : name.endsWith(".q_scale") ? 0 : elements;
    }
}
