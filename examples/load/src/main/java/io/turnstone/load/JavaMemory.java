package io.turnstone.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a broker's Java virtual machine on this computer holds, asked with the {@code jcmd} of the JDK that runs us.
 * Asking for what is live collects garbage in the broker. Immutable.
 */
public record JavaMemory(long pid) {

    private static final Pattern ALLOCATED = Pattern.compile(" allocated=(\\d+)([BKMGT]) ");

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

    /** Bytes that all threads there are have ever allocated on the heap. */
    public long allocatedBytes() throws IOException {
        return allocated(ask("Thread.print", "-e"));
    }

    /** Of lines like: {@code "main" #1 prio=5 os_prio=0 cpu=400.25ms elapsed=3.39s allocated=18472K defined_classes=1436}. */
    static long allocated(Stream<String> threads) throws IOException {
        long bytes = threads.map(ALLOCATED::matcher)
                .filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1)) << (10 * "BKMGT".indexOf(found.group(2))))
                .sum();
        if (bytes == 0) {
            throw new IOException("jcmd tells of no thread what it has allocated");
        }
        return bytes;
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
