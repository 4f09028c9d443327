package io.turnstone.store.files;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one store, locked against other processes as long as this is open, with the identity of the store.
 * Owned by the thread that opens and closes the store.
 */
public final class StoreFolder implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(StoreFolder.class);

    public static final String MARK = "OPEN";

    /** What lists the files of a backup, until a store is opened on them. */
    public static final String BACKED_UP = "BACKUP";

    private static final Pattern DATA = Pattern.compile("(journal|mapdb|spare)-.*");

    public final Path path;
    public final Manifest manifest;
    private final FolderLock lock;

    private StoreFolder(Path path, FolderLock lock, Manifest manifest) {
        this.path = path;
        this.lock = lock;
        this.manifest = manifest;
    }

    /** Locks a folder and reads who it is, making both when absent. */
    public static StoreFolder open(FileLayer files, Path path) {
        FolderLock lock = null;
        try {
            Files.createDirectories(path);
            lock = FolderLock.of(path);
            return new StoreFolder(path, lock, manifest(files, path));
        } catch (IOException | RuntimeException e) {
            close(lock, e);
            throw e instanceof StoreException refused ? refused : unusable(path, e);
        }
    }

    /** Says that a folder cannot be used. */
    public static StoreException unusable(Path path, Exception cause) {
        var obstacle = Obstacle.of(cause);
        return new StoreException(
                "data folder " + path + " cannot be used (" + obstacle.what() + "): " + obstacle.remedy()
                        + ", or choose another --data",
                cause);
    }

    /** Reads who a store is; makes a new one where there is nothing. */
    static Manifest manifest(FileLayer files, Path path) throws IOException {
        var manifest = path.resolve(Manifest.NAME);
        var present = files.list(path);
        if (!present.contains(manifest)) {
            for (var file : present) {
                if (DATA.matcher(file.getFileName().toString()).matches()) {
                    throw new StoreException(
                            manifest + " is missing, but there is data beside it (" + file.getFileName()
                                    + "): bring what is there to a new folder with 'turnstone store salvage', or restore"
                                    + " a backup");
                }
            }
            return create(files, path);
        }
        return Manifest.read(files, path);
    }

    private static Manifest create(FileLayer files, Path path) throws IOException {
        var manifest = new Manifest(new SecureRandom().nextLong(), 1);
        manifest.prepare(files, path, FailedForce::force);
        Manifest.publish(files, path);
        return manifest;
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
    public boolean leftOpen(FileLayer files) throws IOException {
        return files.list(path).contains(path.resolve(MARK));
    }

    /**
     * Says that the store is of the format that this version writes, so that an older one refuses it from now on. Before
     * anything of it is changed.
     */
    public void raise(FileLayer files) throws IOException {
        if (manifest.format() < Manifest.FORMAT) {
            new Manifest(manifest.storeId(), manifest.generation()).prepare(files, path, FailedForce::force);
            Manifest.publish(files, path);
            log.info("store={} raised from format={} to format={}", path, manifest.format(), Manifest.FORMAT);
        }
    }

    /** Notes that the store is in use, for whoever opens it after a crash. */
    public void markOpen(FileLayer files) throws IOException {
        files.open(path.resolve(MARK), false).close();
        var list = path.resolve(BACKED_UP);
        if (files.list(path).contains(list)) {
            files.delete(list); // from now on the files are others
        }
        files.forceFolder(path);
    }

    /** Notes that it was closed in order. */
    public void markClosed(FileLayer files) throws IOException {
        files.delete(path.resolve(MARK));
        files.forceFolder(path);
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
