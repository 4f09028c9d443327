package io.turnstone.store;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The folder of one store, locked against other processes as long as this is open, with the identity of the store.
 * Owned by the thread that opens and closes the store.
 */
final class StoreFolder implements AutoCloseable {

    private static final int FORMAT = 2;
    private static final String LOCK = "LOCK";
    private static final String MANIFEST = "MANIFEST";
    private static final String MARK = "OPEN";
    private static final Pattern DATA = Pattern.compile("(journal|mapdb|spare)-.*");
    private static final Pattern MANIFEST_TEXT =
            Pattern.compile("(turnstone-store (\\d+)\nid ([0-9a-f]{16})\n)crc ([0-9a-f]{8})\n.*", Pattern.DOTALL);

    final Path path;
    final long storeId;
    /*
     * A POSIX lock belongs to the process and goes when any channel on the file is closed: within the process it says
     * nothing, and whoever opened the file only to find it locked would unlock it.
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path realPath;
    private final FileChannel lock;

    private StoreFolder(Path path, Path realPath, FileChannel lock, long storeId) {
        this.path = path;
        this.realPath = realPath;
        this.lock = lock;
        this.storeId = storeId;
    }

    /** Locks a folder and reads who it is, making both when absent. */
    static StoreFolder open(FileLayer files, Path path) {
        Path realPath = null;
        FileChannel lock = null;
        try {
            Files.createDirectories(path);
            var real = path.toRealPath();
            if (!OPEN.add(real)) {
                throw inUse(path, String.valueOf(ProcessHandle.current().pid()));
            }
            realPath = real;
            lock = lock(path);
            return new StoreFolder(path, real, lock, identity(files, path));
        } catch (IOException | RuntimeException e) {
            close(lock, e);
            if (realPath != null) {
                OPEN.remove(realPath);
            }
            throw e instanceof StoreException refused
                    ? refused
                    : new StoreException(
                            "data folder " + path + " cannot be used (" + e
                                    + "): check its owner and the disk, or choose another --data",
                            e);
        }
    }

    private static StoreException inUse(Path path, String pid) {
        return new StoreException("data folder " + path + " is in use by another Turnstone process (pid "
                + (pid.isEmpty() ? "unknown" : pid) + "): stop it or choose another --data");
    }

    private static FileChannel lock(Path path) throws IOException {
        var channel = FileChannel.open(
                path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = channel.tryLock() != null;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        if (!locked) {
            throw inUse(
                    path,
                    Files.readString(path.resolve(LOCK), StandardCharsets.US_ASCII)
                            .trim());
        }
        channel.truncate(0);
        channel.write(ascii(ProcessHandle.current().pid() + "\n"), 0);
        return channel;
    }

    private static long identity(FileLayer files, Path path) throws IOException {
        var manifest = path.resolve(MANIFEST);
        var present = files.list(path);
        if (!present.contains(manifest)) {
            for (var file : present) {
                if (DATA.matcher(file.getFileName().toString()).matches()) {
                    throw new StoreException(
                            manifest + " is missing, but there is data beside it (" + file.getFileName()
                                    + "): restore it from a backup of the folder (it never changes), or choose another --data");
                }
            }
            return create(files, path);
        }
        String text = read(files, manifest);
        var parts = MANIFEST_TEXT.matcher(text);
        if (!parts.matches() || !crc(parts.group(1)).equals(parts.group(4))) {
            throw new StoreException(
                    manifest + " is damaged: restore it from a backup of the folder (it never changes),"
                            + " or choose another --data");
        }
        int format = Integer.parseInt(parts.group(2));
        if (format > FORMAT) {
            throw new StoreException("data folder " + path + " was written by a newer Turnstone (store format " + format
                    + ", this one reads up to " + FORMAT + "): use that version or choose another --data");
        }
        if (format < FORMAT) {
            throw new StoreException("data folder " + path + " has store format " + format
                    + ", which was never released and is not read any more: choose another --data");
        }
        return Long.parseUnsignedLong(parts.group(3), 16);
    }

    private static String read(FileLayer files, Path path) throws IOException {
        try (var file = files.open(path, false)) {
            var bytes = ByteBuffer.allocate((int) Math.min(file.size(), 4096));
            file.read(bytes, 0);
            return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
        }
    }

    private static long create(FileLayer files, Path path) throws IOException {
        long id = new SecureRandom().nextLong();
        String text =
                String.format("turnstone-store %d%nid %016x%n", FORMAT, id).replace("\r", "");
        var next = path.resolve(MANIFEST + ".new");
        try (var file = files.open(next, false)) {
            file.resize(0);
            file.write(ascii(text + "crc " + crc(text) + "\n"), 0);
            file.force();
        }
        files.rename(next, path.resolve(MANIFEST));
        files.forceFolder(path);
        return id;
    }

    private static String crc(String text) {
        var crc = new CRC32C();
        crc.update(ascii(text));
        return String.format("%08x", crc.getValue());
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void close(java.io.@org.jspecify.annotations.Nullable Closeable lock, Exception cause) {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Whether the last run that had messages did not close the store in order. */
    boolean leftOpen(FileLayer files) throws IOException {
        return files.list(path).contains(path.resolve(MARK));
    }

    /** Notes that the store is in use, for whoever opens it after a crash. */
    void markOpen(FileLayer files) throws IOException {
        files.open(path.resolve(MARK), false).close();
        files.forceFolder(path);
    }

    /** Notes that it was closed in order. */
    void markClosed(FileLayer files) throws IOException {
        files.delete(path.resolve(MARK));
        files.forceFolder(path);
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        try {
            lock.close();
        } finally {
            OPEN.remove(realPath);
        }
    }
}
