package org.recursivemas.browser;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.recursivemas.data.Team;

/** The assembled site that the tests look at. */
final class Site {
    private Site() {
    }

    /** The folder named by the system property {@code recursivemas.site}. */
    static Path folder() {
        String name = System.getProperty("recursivemas.site");
        if (name == null) {
            throw new IllegalStateException("the system property recursivemas.site is not set; Maven sets it");
        }
        Path folder = Path.of(name).toAbsolutePath().normalize();
        if (!Files.isRegularFile(folder.resolve("index.html"))) {
            throw new IllegalStateException("no assembled site in " + folder + ": run `./mvnw -DskipTests package`");
        }
        return folder;
    }

    static Path teamFile() {
        return folder().resolve("models/demo/team.json");
    }

    /** Checksum of a file of the site, as reports have it. */
    static String sha256(String file) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(folder().resolve(file)));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static Team team() throws IOException {
        return new ObjectMapper().readValue(teamFile().toFile(), Team.class);
    }
}
