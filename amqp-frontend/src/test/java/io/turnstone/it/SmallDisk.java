package io.turnstone.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder on a small file system that is filled to the last byte and emptied again.
 *
 * @param folder for the broker
 */
record SmallDisk(Path folder) {

    private static final int MOST_MIB = 512;

    private Path ballast() {
        return folder.resolve("ballast");
    }

    /** Leaves no room. */
    void fill() throws IOException {
        if (Files.getFileStore(folder).getTotalSpace() > (long) MOST_MIB << 20) {
            throw new IOException(folder + " is on a file system of more than " + MOST_MIB + " MiB: name a small one");
        }
        try (var file = FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int size = 1 << 20; size >= 4096; ) {
                try {
                    file.write(ByteBuffer.allocate(size));
                } catch (IOException e) { // that was too much
                    size /= 2;
                }
            }
        }
    }

    /** Gives the room back. */
    void roomy() throws IOException {
        Files.deleteIfExists(ballast());
    }
}
