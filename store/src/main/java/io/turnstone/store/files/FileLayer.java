package io.turnstone.store.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * All the store asks of a file system: the one place where faults can be put in by tests. Any thread.
 */
public interface FileLayer {

    /**
     * Opens a file for reading and writing, making it when absent.
     *
     * @param durableWrites whether every write is on the medium when it returns
     */
    StoreFile open(Path path, boolean durableWrites) throws IOException;

    /**
     * Opens a file for reading.
     *
     * @throws java.nio.file.NoSuchFileException when it is absent
     */
    StoreFile openToRead(Path path) throws IOException;

    /** The files of a folder, in order of their names. */
    List<Path> list(Path folder) throws IOException;

    /** Gives a file another name in the same folder, replacing what is there. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file; does nothing when it is absent. */
    void delete(Path path) throws IOException;

    /** Makes names created, changed and removed in a folder durable. */
    void forceFolder(Path folder) throws IOException;

    /** How many bytes may still be written where a folder is. */
    long usableBytes(Path folder);

    /** Whether an error says that the medium has no room, which may pass. */
    default boolean full(IOException error) {
        String message = String.valueOf(error.getMessage());
        return message.contains("No space left") || message.contains("quota exceeded");
    }
}
