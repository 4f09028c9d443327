package io.turnstone.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The broker's process on this machine, read from Linux's {@code /proc}: user and system time of all its
 * threads, garbage collection and compilation included. Immutable.
 */
public record BrokerProcess(long pid, Path proc) {

    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";

    /** {@code USER_HZ}, a constant of the kernel's interface. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** A process of this machine. */
    public static BrokerProcess of(long pid) {
        return new BrokerProcess(pid, PROC);
    }

    /** The process that listens on the broker's port, when that is on this machine and ours to see. */
    public static Optional<BrokerProcess> listeningAt(BrokerUrl url) {
        try {
            return InetAddress.getByName(url.host()).isLoopbackAddress() && Files.isDirectory(PROC.resolve("net"))
                    ? listeningAt(url.port(), PROC)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<BrokerProcess> listeningAt(int port, Path proc) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            if (Files.isReadable(proc.resolve(table))) {
                Files.readAllLines(proc.resolve(table)).stream()
                        .map(line -> line.trim().split("\\s+"))
                        .filter(columns -> columns.length > 9 && columns[3].equals(LISTENING))
                        .filter(columns -> columns[1].endsWith(String.format(":%04X", port)))
                        .forEach(columns -> sockets.add("socket:[" + columns[9] + "]"));
            }
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                if (holdsOneOf(sockets, process.resolve("fd"))) {
                    return Optional.of(new BrokerProcess(
                            Long.parseLong(process.getFileName().toString()), proc));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holdsOneOf(Set<String> sockets, Path descriptors) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | UncheckedIOException | java.nio.file.DirectoryIteratorException e) {
            // Ended meanwhile, or another user's: not one that we can measure.
            return false;
        }
        return false;
    }

    /** Memory of the process that is in RAM now, in bytes. */
    public long residentBytes() throws IOException {
        return kibibytes("VmRSS:") << 10;
    }

    /** The most that {@link #residentBytes} has been. */
    public long peakResidentBytes() throws IOException {
        return kibibytes("VmHWM:") << 10;
    }

    private long kibibytes(String key) throws IOException {
        try (var lines = Files.lines(proc.resolve(pid + "/status"))) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElseThrow(() -> new IOException("process " + pid + " does not tell its " + key));
        }
    }

    /** Processor time so far in nanoseconds, in steps of 10 ms; throws if the process has ended. */
    public long cpuNanos() throws IOException {
        String stat = Files.readString(proc.resolve(pid + "/stat"));
        // The second field, the name in brackets, may itself hold blanks and brackets.
        String[] fields = Pattern.compile(" ").split(stat.substring(stat.lastIndexOf(')') + 2));
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
    }
}
