package io.turnstone.store.files;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other processes, and other stores of this one, away from a folder. Of one that cannot be written, which can only be
 * looked at, it keeps those away who can, as far as the file system lets it. Owned by whoever took it.
 */
public final class FolderLock implements AutoCloseable {

    public static final String NAME = "LOCK";

    /*
     * A POSIX lock belongs to the process and goes when any channel on the file is closed: within the process it says
     * nothing, and whoever opened the file only to find it locked would unlock it.
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path realPath;
    private final @Nullable FileChannel channel;
    private final boolean readOnly;

    private FolderLock(Path folder, Path realPath, @Nullable FileChannel channel, boolean readOnly) {
        this.folder = folder;
        this.realPath = realPath;
        this.channel = channel;
        this.readOnly = readOnly;
    }

    /** Opens the file that is locked, in the way of {@link FileChannel#open(Path, OpenOption...)}. */
    @FunctionalInterface
    public interface Opening {
        /** Opens it. */
        FileChannel open(Path path, OpenOption... options) throws IOException;
    }

    /** Locks a folder that exists. */
    public static FolderLock of(Path path) throws IOException {
        return of(path, real -> new FolderLock(path, real, lock(path, FileChannel::open), false));
    }

    /** Locks a folder that exists and is not going to be changed, and may be on a medium that cannot be. */
    public static FolderLock toLook(Path path, Opening opening) throws IOException {
        return of(path, real -> {
            try {
                return new FolderLock(path, real, lock(path, opening), false);
            } catch (FileSystemException e) {
                if (!Obstacle.readOnly(e)
                        && !Files.getFileStore(path).isReadOnly()) { // some systems say it in other words
                    throw e;
                }
                return new FolderLock(path, real, lockToLook(path, opening), true);
            }
        });
    }

    private interface Taking {
        FolderLock take(Path real) throws IOException;
    }

    private static FolderLock of(Path path, Taking taking) throws IOException {
        var real = path.toRealPath();
        if (!OPEN.add(real)) {
            throw inUse(path, String.valueOf(ProcessHandle.current().pid()));
        }
        try {
            return taking.take(real);
        } catch (IOException | RuntimeException e) {
            OPEN.remove(real);
            throw e;
        }
    }

    /** Whether nobody can write to it who comes to it by the way that this one came. */
    public boolean readOnly() {
        return readOnly;
    }

    /** What is locked. */
    public Path folder() {
        return folder;
    }

    private static StoreException inUse(Path path, String pid) {
        return new StoreException("data folder " + path + " is in use by another Turnstone process (pid "
                + (pid.isEmpty() ? "unknown" : pid) + "): stop it or choose another --data");
    }

    private static FileChannel lock(Path path, Opening opening) throws IOException {
        var channel = opening.open(
                path.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = channel.tryLock() != null;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        if (!locked) {
            throw inUse(path, user(path));
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        return channel;
    }

    /** The same files may be mounted elsewhere too, so that they can be written there. */
    private static @Nullable FileChannel lockToLook(Path path, Opening opening) throws IOException {
        if (!Files.exists(path.resolve(NAME))) {
            return null;
        }
        var channel = opening.open(path.resolve(NAME), StandardOpenOption.READ);
        boolean used = false;
        try {
            used = channel.tryLock(0, Long.MAX_VALUE, true) == null;
        } catch (IOException noLocks) { // some media have none, and then nobody holds one
            return channel;
        } finally {
            if (used) {
                channel.close();
            }
        }
        if (used) {
            throw inUse(path, user(path));
        }
        return channel;
    }

    private static String user(Path path) throws IOException {
        return Files.readString(path.resolve(NAME), StandardCharsets.US_ASCII).trim();
    }

    @Override
    public void close() throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            OPEN.remove(realPath);
        }
    }
}
