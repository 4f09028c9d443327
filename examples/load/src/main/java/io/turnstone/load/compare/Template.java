package io.turnstone.load.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A peer's configuration that comes with us, with {@code @name@} where something is filled in. */
final class Template {

    private Template() {}

    static void write(String template, Path file, Map<String, ?> values) throws IOException {
        String text;
        try (var in = Template.class.getResourceAsStream(template)) {
            if (in == null) {
                throw new IOException(template + " is missing in our own jar");
            }
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (var value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue().toString());
        }
        Files.writeString(file, text);
    }
}
