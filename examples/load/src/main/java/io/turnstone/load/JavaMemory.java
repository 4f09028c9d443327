package io.turnstone.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a broker's Java virtual machine on this computer holds, asked with the {@code jcmd} of the JDK that runs us.
 * Asking collects garbage in the broker. Immutable.
 */
public record JavaMemory(long pid) {

    /**
     * Bytes of heap in live objects, after a full collection.
     *
     * @throws IOException when the broker is no Java process of this user
     */
    public long liveHeapBytes() throws IOException {
        return liveHeap(ask("GC.class_histogram"));
    }

    /** The last column but one of: {@code Total 123456 7890123}. */
    static long liveHeap(Stream<String> histogram) throws IOException {
        return histogram
                .filter(line -> line.startsWith("Total"))
                .map(line -> line.trim().split("\\s+"))
                .mapToLong(words -> Long.parseLong(words[2]))
                .findFirst()
                .orElseThrow(() -> new IOException("jcmd tells no live heap"));
    }

    /** Bytes of direct buffers and other memory that Java code takes outside the heap; only with native memory tracking. */
    public OptionalLong directBytes() throws IOException {
        return direct(ask("VM.native_memory", "summary", "scale=KB"));
    }

    /** Of a line like: {@code -                     Other (reserved=4242KB, committed=4242KB)}. */
    static OptionalLong direct(Stream<String> summary) {
        return summary.filter(line -> line.contains(" Other (reserved="))
                .map(line -> line.replaceAll(".*committed=(\\d+)KB.*", "$1"))
                .mapToLong(line -> Long.parseLong(line) << 10)
                .findFirst();
    }

    private Stream<String> ask(String... command) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            throw new IOException(jcmd + " is missing: memory is measured with a JDK, not a JRE");
        }
        Process process = new ProcessBuilder(
                        Stream.concat(Stream.of(jcmd.toString(), Long.toString(pid)), Arrays.stream(command))
                                .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said.lines();
    }
}
