package org.recursivemas.ui.fake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.recursivemas.models.Machine;
import org.recursivemas.models.Md5;
import org.recursivemas.models.ModelStore;
import org.recursivemas.ui.measure.Parser;
import org.recursivemas.ui.models.BrowserPlace;
import org.recursivemas.ui.models.ModelPlace;

/**
 * A place with a server of one model and one model on a server that the page may not ask, on a GPU without shader-f16. The
 * browser's addresses are the real ones.
 */
public final class FakeModelPlace implements ModelPlace {
    private static final int SHARD = 40_000;

    private final BrowserPlace browser = new BrowserPlace();
    private final FakeStore store = new FakeStore();
    private final String catalogFault;

    /** @param catalogFault what the catalogue's file holds instead of a catalogue, or null */
    public FakeModelPlace(String catalogFault) {
        this.catalogFault = catalogFault;
        serve();
    }

    private void serve() {
        String page = page();
        String folder = page.substring(0, page.lastIndexOf('/') + 1);
        String model = folder + "m/resolve/1/";
        byte[] shard = new byte[SHARD];
        for (int i = 0; i < SHARD; i++) {
            shard[i] = (byte) (i * 7);
        }
        store.server.put(model + "params_shard_0.bin", shard);
        text(model + "tokenizer.json", "{}");
        text(model + "mlc-chat-config.json", "{\"tokenizer_files\": [\"tokenizer.json\"], \"model_config\": {"
                + "\"hidden_size\": 100, \"num_key_value_heads\": 2, \"head_dim\": 64, \"num_hidden_layers\": 5},"
                + "\"context_window_size\": 900, \"conv_template\": {\"system_template\": \"<s>{system_message}</s>\","
                + "\"roles\": {\"user\": \"<u>\", \"assistant\": \"<a>\"}, \"role_content_sep\": \":\","
                + "\"role_empty_sep\": \":\", \"seps\": [\"</u>\"]}}");
        String md5 = new Md5().update(shard, 0, SHARD).hex();
        text(model + "tensor-cache.json", "{\"records\": [{\"dataPath\": \"params_shard_0.bin\", \"nbytes\": 40000, \"md5sum\": \""
                + md5 + "\", \"records\": [{\"name\": \"a.weight\", \"shape\": [100, 100], \"dtype\": \"float32\"}]}]}");
        text(folder + "catalog.json", catalogFault != null ? catalogFault : "{\"format\": \"recursivemas.catalog\", \"version\": 1,"
                + " \"entries\": [" + entry("small", "Small <b>team</b>", "m/resolve/1/", false, null) + ","
                + entry("half", "Half", "https://models.example/h/resolve/1/", true, "small") + "]}");
        text(folder + "package/manifest.json", "{\"format\": \"recursivemas.package\", \"version\": 1, \"kind\": \"team\","
                + " \"name\": \"found\", \"title\": \"Found team\", \"licence\": \"MIT\", \"team\": \"team.json\","
                + " \"links\": \"l.json\", \"models\": [{\"model\": \"m/\", \"library\": \"m.wasm\", \"quantization\": \"q0f32\","
                + " \"hidden_size\": 100, \"context_window\": 1000}], \"files\": [{\"path\": \"m/params_shard_0.bin\","
                + " \"bytes\": 40000, \"sha256\": \"" + "0".repeat(64) + "\"}]}");
        store.server.put(folder + "package/m/mlc-chat-config.json", store.server.get(model + "mlc-chat-config.json"));
        store.server.put(folder + "package/m/tensor-cache.json", store.server.get(model + "tensor-cache.json"));
    }

    private static String entry(String id, String title, String folder, boolean half, String alternative) {
        return "{\"id\": \"" + id + "\", \"title\": \"" + title + "\", \"description\": \"\", \"team\": \"" + id
                + "/team.json\", \"latent\": " + !half + ", \"licence\": \"Apache-2.0\", \"alternative\": "
                + (alternative == null ? "null" : "\"" + alternative + "\"") + ", \"models\": [{\"folder\": \"" + folder
                + "\", \"library\": \"m.wasm\", \"quantization\": \"" + (half ? "q4f16_1" : "q0f32") + "\", \"f16\": " + half
                + ", \"parameters\": 10000, \"hidden_size\": 100, \"context_window\": 1000, \"download_bytes\": 40100,"
                + " \"download_counted\": true, \"library_bytes\": 10, \"weight_bytes\": 40000, \"cache_bytes\": 5000000,"
                + " \"scratch_bytes\": 1000000, \"largest_buffer_bytes\": 512000}]}";
    }

    private void text(String url, String text) {
        store.server.put(url, text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public ModelStore store() {
        return store;
    }

    @Override
    public String unstorable() {
        return null;
    }

    @Override
    public void begin(Runnable task) {
        task.run();
    }

    @Override
    public Machine machine() {
        return new Machine(true, false, 1 << 30, 0, "fake adapter");
    }

    @Override
    public String page() {
        return browser.page();
    }

    @Override
    public String resolve(String address, String base) {
        return browser.resolve(address, base);
    }

    @Override
    public List<String> parameters(String name) {
        return browser.parameters(name);
    }

    @Override
    public String encode(String text) {
        return browser.encode(text);
    }

    /** Files in memory. */
    private static final class FakeStore implements ModelStore {
        final Map<String, byte[]> server = new LinkedHashMap<>();
        final Map<String, TreeMap<String, byte[]>> caches = new LinkedHashMap<>();
        private double clock;

        /** All bytes at once. */
        private static final class Whole implements Answer {
            private final int status;
            private byte[] bytes;

            Whole(int status, byte[] bytes) {
                this.status = status;
                this.bytes = bytes;
            }

            @Override
            public int status() {
                return status;
            }

            @Override
            public String type() {
                return "";
            }

            @Override
            public long from() {
                return 0;
            }

            @Override
            public byte[] read() {
                byte[] read = bytes;
                bytes = null;
                return read;
            }

            @Override
            public void close() {
                bytes = null;
            }
        }

        @Override
        public Answer get(String url, long from) {
            byte[] bytes = server.get(url);
            return bytes == null ? new Whole(404, null) : new Whole(200, bytes);
        }

        private TreeMap<String, byte[]> cache(String scope) {
            return caches.computeIfAbsent(scope, any -> new TreeMap<>());
        }

        @Override
        public List<Stored> list(String scope) {
            List<Stored> list = new ArrayList<>();
            cache(scope).forEach((url, bytes) -> list.add(new Stored(url, bytes.length)));
            return list;
        }

        @Override
        public Stored find(String scope, String url) {
            byte[] bytes = cache(scope).get(url);
            return bytes == null ? null : new Stored(url, bytes.length);
        }

        @Override
        public Content open(String scope, String url) {
            byte[] bytes = cache(scope).get(url);
            return bytes == null ? null : new Whole(200, bytes);
        }

        @Override
        public void put(String scope, String url, String type, List<String> parts, List<byte[]> tail) {
            if (!parts.isEmpty() || tail.size() != 1) {
                throw new IllegalStateException("a small file comes in one piece");
            }
            cache(scope).put(url, tail.get(0));
        }

        @Override
        public void delete(String scope, String url) {
            cache(scope).remove(url);
        }

        @Override
        public Room room() {
            return new Room(0, 1_000_000);
        }

        @Override
        public boolean persist() {
            return true;
        }

        @Override
        public Object parse(String json) {
            return Parser.parse(json);
        }

        @Override
        public void pause(int millis) {
            clock += millis;
        }

        @Override
        public double millis() {
            return clock += 1;
        }
    }
}
