package io.turnstone.broker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** The folder of everything a broker keeps, locked for one broker. Used by the thread that starts and stops it. */
final class DataFolder implements AutoCloseable {

    private static final int SECRET_BYTES = 32;

    private final Path path;
    private final FileChannel channel;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes the folder if it is absent, and locks it.
     *
     * @throws BrokerException when another broker uses it, or it cannot be made or written
     */
    static DataFolder open(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        FileChannel channel = null;
        try {
            make(path);
            channel = FileChannel.open(
                    path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = lock(channel);
            if (lock == null) {
                String owner = owner(channel);
                channel.close();
                throw new BrokerException(
                        "data folder " + path + " is in use by another broker" + owner
                                + "; stop it, or choose another folder with --data or store: path",
                        null);
            }
            channel.truncate(0);
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(pid), 0);
            return new DataFolder(path, channel);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new BrokerException(
                    "data folder " + path + " cannot be used: " + reason(e)
                            + "; check that it is a folder you may write to",
                    e);
        }
    }

    /** Messages are nobody else's to read; a folder that is there already stays as its owner made it. */
    private static void make(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (Files.isDirectory(path)) {
            return;
        }
        Files.createDirectory(path, ownersOnly(path, "rwx------"));
    }

    private static FileAttribute<?>[] ownersOnly(Path path, String permissions) {
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // a broker in this very process
        }
    }

    private static String owner(FileChannel channel) throws IOException {
        var bytes = ByteBuffer.allocate(20);
        int read = channel.read(bytes, 0);
        return read <= 0 ? "" : " (process " + new String(bytes.array(), 0, read, StandardCharsets.US_ASCII) + ")";
    }

    /** In words: what the JDK has to say is the name of a class, and the file. */
    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException) {
            return "there is a file " + e.getMessage();
        }
        if (e instanceof AccessDeniedException) {
            return "access to " + e.getMessage() + " is denied";
        }
        return e instanceof NoSuchFileException ? e.getMessage() + " cannot be made" : String.valueOf(e.getMessage());
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // the first failure is the one to tell
            }
        }
    }

    Path path() {
        return path;
    }

    Path store() {
        return store(path);
    }

    /**
     * Bytes that nobody else knows and that stay the same, made when there are none.
     *
     * @throws BrokerException when they cannot be kept
     */
    byte[] secret() {
        Path file = path.resolve("secret");
        try {
            if (Files.isRegularFile(file)) {
                byte[] known = Files.readAllBytes(file);
                if (known.length == SECRET_BYTES) {
                    return known;
                }
            }
            var made = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(made);
            Files.deleteIfExists(file);
            Files.createFile(file, ownersOnly(path, "rw-------"));
            Files.write(file, made);
            return made;
        } catch (IOException e) {
            throw new BrokerException(
                    "file " + file + " cannot be used: " + reason(e) + "; check that you may write to it", e);
        }
    }

    /** Where in a data folder the store is. */
    static Path store(Path data) {
        return data.resolve("store");
    }

    /**
     * Makes a folder for new data.
     *
     * @throws BrokerException when there is something in it
     */
    static void makeEmpty(Path path) {
        try {
            make(path);
            try (var present = Files.list(path)) {
                if (present.findAny().isPresent()) {
                    throw new BrokerException(
                            path + " is not empty, and nothing is ever overwritten; name another folder", null);
                }
            }
        } catch (IOException e) {
            throw new BrokerException(
                    "folder " + path + " cannot be used: " + reason(e) + "; check that it is a folder you may write to",
                    e);
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
