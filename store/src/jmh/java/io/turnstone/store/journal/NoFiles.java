package io.turnstone.store.journal;

import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Files that forget what is written to them, at once: what is measured on them is the processor's work. Any thread. */
final class NoFiles implements FileLayer {

    private static final class NoFile implements StoreFile {

        @Override
        public void write(ByteBuffer source, long offset) {
            source.position(source.limit());
        }

        @Override
        public int read(ByteBuffer target, long offset) {
            return 0;
        }

        @Override
        public void force() {
            // There is nothing to force.
        }

        @Override
        public void resize(long length) {
            // There is nothing to cut.
        }

        @Override
        public long size() {
            return 0;
        }

        @Override
        public void close() {
            // There is nothing to close.
        }
    }

    @Override
    public StoreFile open(Path path, boolean durableWrites) {
        return new NoFile();
    }

    @Override
    public StoreFile openToRead(Path path) {
        return new NoFile();
    }

    @Override
    public List<Path> list(Path folder) {
        return List.of();
    }

    @Override
    public void rename(Path from, Path to) {
        // There are no names.
    }

    @Override
    public void delete(Path path) {
        // There is nothing to delete.
    }

    @Override
    public void forceFolder(Path folder) {
        // There is nothing to force.
    }

    @Override
    public long usableBytes(Path folder) {
        return Long.MAX_VALUE;
    }
}
