package io.turnstone.load.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at a folder of jars. */
final class Jars {

    private Jars() {}

    /** Of {@code prefixVERSION.jar}. */
    static String version(Path folder, String prefix) throws IOException {
        try (var jars = Files.list(folder)) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(jar -> jar.startsWith(prefix) && Character.isDigit(jar.charAt(prefix.length())))
                    .map(jar -> jar.substring(prefix.length(), jar.length() - ".jar".length()))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + prefix + "VERSION.jar in " + folder));
        }
    }
}
