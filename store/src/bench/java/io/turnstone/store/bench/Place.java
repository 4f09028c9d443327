package io.turnstone.store.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A folder for one measurement, gone when it is closed. */
record Place(Path folder) implements Closeable {

    static Place in(Path parent) throws IOException {
        return new Place(Files.createTempDirectory(Files.createDirectories(parent), "bench-"));
    }

    /** Of all files. */
    long bytes() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Override
    public void close() throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
