package io.turnstone.store.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The file system of the machine. */
public final class DiskFiles implements FileLayer {

    /** A file system may need some room beside that for the bytes. */
    private static final long ROOM = 1 << 20;

    @Override
    public StoreFile open(Path path, boolean durableWrites) throws IOException {
        Set<OpenOption> options =
                new HashSet<>(Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (durableWrites) {
            options.add(StandardOpenOption.DSYNC);
        }
        return new DiskFile(
                FileChannel.open(path, options),
                Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path));
    }

    @Override
    public StoreFile openToRead(Path path) throws IOException {
        return new DiskFile(FileChannel.open(path, StandardOpenOption.READ), path);
    }

    /** What a system says of a full disk is in its language; what little room is left is not. */
    @Override
    public boolean full(IOException error) {
        return error instanceof FullDisk || FileLayer.super.full(error);
    }

    private static final class FullDisk extends IOException {
        private static final long serialVersionUID = 1L;

        FullDisk(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            return; // a folder cannot be opened there
        }
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Nothing where that cannot be told, as in some containers. */
    @Override
    public long usableBytes(Path folder) {
        return folder.toFile().getUsableSpace();
    }

    private static final class DiskFile implements StoreFile {
        private final FileChannel channel;

        /** Asked for its free space rather than the file, whose name may have changed since it was opened. */
        private final Path folder;

        DiskFile(FileChannel channel, Path folder) {
            this.channel = channel;
            this.folder = folder;
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            int bytes = source.remaining();
            try {
                long at = offset;
                while (source.hasRemaining()) {
                    at += channel.write(source, at);
                }
            } catch (IOException e) {
                throw Files.getFileStore(folder).getUsableSpace() < bytes + ROOM ? new FullDisk(e) : e;
            }
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            int total = 0;
            while (target.hasRemaining()) {
                int count = channel.read(target, offset + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
            return total;
        }

        @Override
        public void force() throws IOException {
            channel.force(true);
        }

        @Override
        public void resize(long length) throws IOException {
            if (length < channel.size()) {
                channel.truncate(length);
            } else if (length > channel.size()) {
                channel.write(ByteBuffer.allocate(1), length - 1);
            }
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
