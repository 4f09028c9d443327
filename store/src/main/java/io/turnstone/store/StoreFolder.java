package io.turnstone.store;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one store, locked against other processes as long as this is open, with the identity of the store.
 * Owned by the thread that opens and closes the store.
 */
final class StoreFolder implements AutoCloseable {

    static final int FORMAT = 3;
    static final String MANIFEST = "MANIFEST";
    static final String MARK = "OPEN";
    private static final Pattern DATA = Pattern.compile("(journal|mapdb|spare)-.*");
    private static final Pattern MANIFEST_TEXT =
            Pattern.compile("(turnstone-store (\\d+)\nid ([0-9a-f]{16})\n)crc ([0-9a-f]{8})\n.*", Pattern.DOTALL);

    final Path path;
    final long storeId;
    private final FolderLock lock;

    private StoreFolder(Path path, FolderLock lock, long storeId) {
        this.path = path;
        this.lock = lock;
        this.storeId = storeId;
    }

    /** Locks a folder and reads who it is, making both when absent. */
    static StoreFolder open(FileLayer files, Path path) {
        FolderLock lock = null;
        try {
            Files.createDirectories(path);
            lock = FolderLock.of(path);
            return new StoreFolder(path, lock, identity(files, path));
        } catch (IOException | RuntimeException e) {
            close(lock, e);
            throw e instanceof StoreException refused ? refused : unusable(path, e);
        }
    }

    /** Says that a folder cannot be used. */
    static StoreException unusable(Path path, Exception cause) {
        return new StoreException(
                "data folder " + path + " cannot be used (" + cause
                        + "): check its owner and the disk, or choose another --data",
                cause);
    }

    /** Reads who a store is; makes a new one where there is nothing. */
    static long identity(FileLayer files, Path path) throws IOException {
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

    /** Whether there is a manifest that can be read, of whatever version. */
    static boolean identified(FileLayer files, Path path) throws IOException {
        var manifest = path.resolve(MANIFEST);
        if (!files.list(path).contains(manifest)) {
            return false;
        }
        var parts = MANIFEST_TEXT.matcher(read(files, manifest));
        return parts.matches() && crc(parts.group(1)).equals(parts.group(4));
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
        writeManifest(files, path, id);
        return id;
    }

    /** Says that the data in a folder is of the store of this number. */
    static void writeManifest(FileLayer files, Path path, long id) throws IOException {
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
    }

    private static String crc(String text) {
        var crc = new CRC32C();
        crc.update(ascii(text));
        return String.format("%08x", crc.getValue());
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void close(@Nullable FolderLock lock, Exception cause) {
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
        lock.close();
    }
}
