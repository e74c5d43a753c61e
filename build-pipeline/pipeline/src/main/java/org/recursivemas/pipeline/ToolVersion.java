package org.recursivemas.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Name and version of this tool, as written into what it makes. */
public final class ToolVersion {
    public static final String NAME = "recursivemas";
    public static final String VERSION = read();

    private ToolVersion() {
    }

    private static String read() {
        try (InputStream stream = ToolVersion.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("version.properties of this program", e);
        }
    }
}
