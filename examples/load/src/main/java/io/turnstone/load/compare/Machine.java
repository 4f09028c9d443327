package io.turnstone.load.compare;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What all of it runs on. */
final class Machine {

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Machine() {}

    /** One line: processor, memory, system, Java, disk. */
    static String line(Path folder) throws IOException {
        var store = Files.getFileStore(folder);
        return String.format(
                Locale.ROOT,
                "%s, %d processors, %d GiB, %s %s, Java %s, %s",
                processor(),
                SYSTEM.getAvailableProcessors(),
                SYSTEM.getTotalMemorySize() >> 30,
                SYSTEM.getName(),
                SYSTEM.getVersion(),
                Runtime.version(),
                store.type());
    }

    /** How many processes want a processor, on average over the last minute. */
    static double load() {
        return SYSTEM.getSystemLoadAverage();
    }

    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.exists(file)) {
            return SYSTEM.getArch();
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(SYSTEM.getArch());
        }
    }
}
