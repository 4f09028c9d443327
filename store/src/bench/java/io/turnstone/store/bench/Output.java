package io.turnstone.store.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where every command works and where its results go. */
final class Output {

    @Parameters(paramLabel = "FOLDER", description = "What is measured is its disk; it is left as it was.")
    private Path folder = Path.of("");

    @Option(names = "--json", paramLabel = "FILE", description = "Where to put every value as JSON.")
    private @Nullable Path json;

    Path folder() {
        return folder;
    }

    /** Prints tables, writes JSON if asked to; the exit code. */
    int print(Results results) throws IOException {
        var report = new Report(Machine.line(folder), results);
        report.print(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        if (json != null) {
            Files.writeString(json, report.json());
        }
        return 0;
    }
}
