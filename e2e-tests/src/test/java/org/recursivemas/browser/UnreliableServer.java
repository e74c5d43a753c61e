package org.recursivemas.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Serves a folder to pages of other servers: as slowly as is wished, with or without ranges, and breaking off. */
final class UnreliableServer implements AutoCloseable {
    private static final int PIECE = 1 << 15;

    private final Path root;
    private final HttpServer server;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    /** Bytes a second; 0 for as fast as it goes. */
    volatile int rate;
    volatile boolean ranges = true;
    /** Whether connections are closed without an answer. */
    volatile boolean down;
    /** How many of the next shards break off after a megabyte. */
    final AtomicInteger breaks = new AtomicInteger();

    UnreliableServer(Path root) throws IOException {
        this.root = root;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    /** What was asked for: path, '@' and the first byte of a range. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    /** What was asked for of files whose path ends so. */
    List<String> asked(String end) {
        return asked.stream().filter(one -> one.substring(0, one.lastIndexOf('@')).endsWith(end)).toList();
    }

    void forget() {
        asked.clear();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (down) {
                return;
            }
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            String path = exchange.getRequestURI().getPath();
            Path file = root.resolve(path.substring(1)).normalize();
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = ranges && range != null ? Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1")) : 0;
            asked.add(path + "@" + from);
            if (!file.startsWith(root) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            boolean breaking = path.endsWith(".bin") && breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
            int end = breaking ? Math.min(content.length, from + 1_000_000) : content.length;
            if (from > 0) {
                // Not exposed to pages of other servers: they have to trust the status.
                exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/"
                        + content.length);
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            OutputStream body = exchange.getResponseBody();
            for (int at = from; at < end; at += PIECE) {
                body.write(content, at, Math.min(PIECE, end - at));
                if (rate > 0 && path.endsWith(".bin")) {
                    body.flush();
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(PIECE) / rate);
                }
            }
            // Where it breaks off, closing the exchange before its announced length ends the connection.
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
