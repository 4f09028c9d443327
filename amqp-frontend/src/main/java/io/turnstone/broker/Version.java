package io.turnstone.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version this broker was built as, written by the build. Immutable. */
final class Version {

    private static final String TEXT = read();

    private Version() {}

    /** For example {@code 1.4.0}. */
    static String text() {
        return TEXT;
    }

    private static String read() {
        var properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is missing: build with ./mvnw package");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
