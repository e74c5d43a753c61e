package org.recursivemas.pipeline.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.recursivemas.pipeline.InputException;

class StaticServerTest {
    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;
    private Path root;
    private StaticServer server;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(folder.resolve("site"));
        Files.writeString(root.resolve("index.html"), "<p>page");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.createDirectories(folder.resolve("site2"));
        Files.writeString(folder.resolve("site2/secret.txt"), "secret");
        server = StaticServer.start(root, 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"a.html,text/html; charset=utf-8", "a.js,text/javascript; charset=utf-8", "a.wasm,application/wasm",
        "a.json,application/json", "a.css,text/css; charset=utf-8", "a.svg,image/svg+xml",
        "a.bin,application/octet-stream",
        "LICENSE,application/octet-stream", "A.WASM,application/wasm"})
    void filesHaveTheTypesBrowsersInsistOn(String name, String type) throws Exception {
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        Files.write(root.resolve(name), content);
        HttpResponse<byte[]> response = get(name, "GET");
        assertEquals(200, response.statusCode());
        assertEquals(type, response.headers().firstValue("content-type").orElseThrow());
        assertArrayEquals(content, response.body());
    }

    @Test
    void folderAnswersWithItsIndex() throws Exception {
        Files.createDirectory(root.resolve("sub"));
        Files.writeString(root.resolve("sub/index.html"), "sub");
        assertEquals("<p>page", new String(get("", "GET").body(), StandardCharsets.UTF_8));
        assertEquals("sub", new String(get("sub/", "GET").body(), StandardCharsets.UTF_8));
        HttpResponse<byte[]> redirect = get("sub", "GET");
        assertEquals(308, redirect.statusCode());
        assertEquals("/sub/", redirect.headers().firstValue("location").orElseThrow());
    }

    @Test
    void headSendsTheLengthOnly() throws Exception {
        HttpResponse<byte[]> response = get("index.html", "HEAD");
        assertEquals(200, response.statusCode());
        assertEquals("7", response.headers().firstValue("content-length").orElseThrow());
        assertEquals(0, response.body().length);
    }

    @Test
    void emptyFileAndNameWithSpacesAreServed() throws Exception {
        Files.createFile(root.resolve("empty one.txt"));
        HttpResponse<byte[]> response = get("empty%20one.txt", "GET");
        assertEquals(200, response.statusCode());
        assertEquals(0, response.body().length);
    }

    @Test
    void missingFileIsNotFoundAndOtherMethodsAreRefused() throws Exception {
        assertEquals(404, get("nothing", "GET").statusCode());
        assertEquals(404, get("nothing/", "HEAD").statusCode());
        assertEquals(405, get("index.html", "DELETE").statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//../secret.txt",
            "/a/../../secret.txt",
        "/../site2/secret.txt", "/%2Fetc/passwd", "//etc/passwd", "/link.txt", "/linked/secret.txt", "/%00",
        "/..\\secret.txt"})
    void nothingOutsideTheFolderIsServed(String path) throws IOException {
        Files.createSymbolicLink(root.resolve("link.txt"), folder.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("linked"), folder.resolve("site2"));
        // Not through an HTTP client: it would tidy the path up.
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 404") || answer.startsWith("HTTP/1.1 400"), answer);
            assertTrue(!answer.contains("secret") && !answer.contains("root:"), answer);
        }
    }

    @Test
    void missingFolderAndTakenPortAreRefused() {
        assertTrue(assertThrows(InputException.class, () -> StaticServer.start(folder.resolve("nowhere"),
                0)).getMessage()
                .contains("nowhere"));
        String message = assertThrows(InputException.class, () -> StaticServer.start(root, server.address().getPort()))
                .getMessage();
        assertTrue(message.contains("--port") && message.contains("Choose another one"), message);
        assertThrows(InputException.class, () -> StaticServer.start(root, 65536));
    }

    private HttpResponse<byte[]> get(String path, String method) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server.address().resolve("/" + path))
                .method(method, HttpRequest.BodyPublishers.noBody()).build();
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }
}
