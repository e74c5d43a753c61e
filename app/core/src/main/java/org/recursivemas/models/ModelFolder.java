package org.recursivemas.models;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.measure.Fields;

/** The files of a model's folder that WebLLM reads, found by the two that list the others. */
public final class ModelFolder {
    public static final String CONFIG = "mlc-chat-config.json";
    public static final String INDEX = "tensor-cache.json";
    private static final List<String> TOKENIZERS = List.of("tokenizer.json", "tokenizer.model");
    private static final String HUB = "https://huggingface.co/";

    private ModelFolder() {
    }

    /** The folder of an address: with a slash at its end; the page of a repository on Hugging Face has it inside. */
    public static String address(String asked) {
        String folder = asked.endsWith("/") ? asked : asked + "/";
        boolean page = folder.startsWith(HUB) && !folder.contains("/resolve/");
        return page ? folder + "resolve/main/" : folder;
    }

    /** The file that {@code CONFIG} is. @param digests SHA-256 by address, where a package states them */
    static ModelFile config(String folder, Map<String, String> digests) {
        return new ModelFile(ModelStore.CONFIG, folder + CONFIG, -1, digests.get(folder + CONFIG));
    }

    static ModelFile index(String folder, Map<String, String> digests) {
        return new ModelFile(ModelStore.MODEL, folder + INDEX, -1, digests.get(folder + INDEX));
    }

    /** The tokenizer that WebLLM takes. @throws org.recursivemas.data.FormatException when the configuration names none that it knows */
    static ModelFile tokenizer(String folder, Object config, Map<String, String> digests) {
        Fields fields = Fields.of(config, folder + CONFIG);
        List<String> stated = fields.texts("tokenizer_files");
        for (String name : TOKENIZERS) {
            if (stated.contains(name)) {
                return new ModelFile(ModelStore.MODEL, folder + name, -1, digests.get(folder + name));
            }
        }
        throw fields.fault("tokenizer_files", "names neither tokenizer.json nor tokenizer.model");
    }

    /** The shards, with length and checksum. @throws org.recursivemas.data.FormatException when the index is none */
    static List<ModelFile> shards(String folder, Object index, Map<String, String> digests) {
        Fields fields = Fields.of(index, folder + INDEX);
        List<ModelFile> files = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Fields shard : fields.objects("records")) {
            String name = shard.text("dataPath");
            if (name.isEmpty() || name.startsWith("/") || name.contains("..") || name.contains(":") || name.contains("?")
                    || name.contains("#") || name.contains("\\") || !names.add(name)) {
                throw shard.fault("dataPath", "is \"" + name + "\", not a file of this folder of its own");
            }
            String sha256 = digests.get(folder + name);
            String md5 = shard.optional("md5sum");
            if (md5 != null && !isHash(md5)) {
                throw shard.fault("md5sum", "is \"" + md5 + "\", not 32 hexadecimal digits in lower case");
            }
            files.add(new ModelFile(ModelStore.MODEL, folder + name, shard.amount("nbytes"), sha256 != null ? sha256 : md5));
        }
        if (files.isEmpty()) {
            throw fields.fault("records", "lists no shards");
        }
        return files;
    }

    private static boolean isHash(String text) {
        boolean hash = text.length() == 32;
        for (int i = 0; hash && i < text.length(); i++) {
            char c = text.charAt(i);
            hash = c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
        }
        return hash;
    }
}
