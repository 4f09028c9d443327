package io.turnstone.store.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What this process runs on and what it uses. */
final class Machine {

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Path WRITTEN = Path.of("/proc/self/io");

    private Machine() {}

    /** One line: processor, memory, systems, disk, and how busy it is. */
    static String line(Path folder) throws IOException {
        var store = Files.getFileStore(folder);
        return String.format(
                Locale.ROOT,
                "%s, %d processors, %d GiB, %s %s, Java %s, heap %d MiB, %s on %s, load %.1f",
                first(Path.of("/proc/cpuinfo"), "model name", SYSTEM.getArch()),
                SYSTEM.getAvailableProcessors(),
                SYSTEM.getTotalMemorySize() >> 30,
                SYSTEM.getName(),
                SYSTEM.getVersion(),
                Runtime.version(),
                Runtime.getRuntime().maxMemory() >> 20,
                store.type(),
                store.name(),
                SYSTEM.getSystemLoadAverage());
    }

    /** Processor time of this process, in nanoseconds. */
    static long cpuNanos() {
        return SYSTEM.getProcessCpuTime();
    }

    /** Heap in use after collections, in bytes. */
    static long heapBytes() {
        // Cleaners run after the first; what they held goes with the second.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Bytes that this process has given to disks so far; only Linux tells. */
    static long writtenBytes() throws IOException {
        String bytes = first(WRITTEN, "write_bytes", "");
        if (bytes.isEmpty()) {
            throw new IOException(WRITTEN + " does not tell what was written: measure on Linux");
        }
        return Long.parseLong(bytes);
    }

    private static String first(Path file, String key, String otherwise) throws IOException {
        if (!Files.exists(file)) {
            return otherwise;
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(otherwise);
        }
    }
}
