package io.turnstone.store.files;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps other processes, and other stores of this one, away from a folder. Owned by whoever took it. */
public final class FolderLock implements AutoCloseable {

    private static final String LOCK = "LOCK";

    /*
     * A POSIX lock belongs to the process and goes when any channel on the file is closed: within the process it says
     * nothing, and whoever opened the file only to find it locked would unlock it.
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path realPath;
    private final FileChannel channel;

    private FolderLock(Path folder, Path realPath, FileChannel channel) {
        this.folder = folder;
        this.realPath = realPath;
        this.channel = channel;
    }

    /** Locks a folder that exists. */
    public static FolderLock of(Path path) throws IOException {
        var real = path.toRealPath();
        if (!OPEN.add(real)) {
            throw inUse(path, String.valueOf(ProcessHandle.current().pid()));
        }
        try {
            return new FolderLock(path, real, lock(path));
        } catch (IOException | RuntimeException e) {
            OPEN.remove(real);
            throw e;
        }
    }

    /** What is locked. */
    public Path folder() {
        return folder;
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
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        return channel;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            OPEN.remove(realPath);
        }
    }
}
