package io.turnstone.store.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files as they are at one moment, to be looked at only: what is written, renamed or deleted stays in memory. So a store
 * opens over them as after a crash, and its folder remains as it was. Owned by one thread.
 */
public final class OverlaidFiles implements FileLayer {

    private static final int PAGE = 4096;

    /** A file: what the disk has of it up to a length, and pages that lie over it. */
    private static final class Overlaid {
        final @Nullable Path disk;
        final Map<Long, byte[]> pages = new HashMap<>();
        long onDisk;
        long length;

        Overlaid(@Nullable Path disk, long length) {
            this.disk = disk;
            onDisk = length;
            this.length = length;
        }
    }

    private final TreeMap<Path, Overlaid> contents = new TreeMap<>();

    /** @param lengths what is seen of which files */
    public OverlaidFiles(Map<Path, Long> lengths) {
        lengths.forEach((path, length) -> contents.put(path, new Overlaid(path, length)));
    }

    @Override
    public StoreFile open(Path path, boolean durableWrites) throws IOException {
        var content = contents.computeIfAbsent(path, absent -> new Overlaid(null, 0));
        var disk = content.disk == null ? null : FileChannel.open(content.disk, StandardOpenOption.READ);
        return new OverlaidFile(content, disk);
    }

    @Override
    public StoreFile openToRead(Path path) throws IOException {
        if (!contents.containsKey(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return open(path, false);
    }

    @Override
    public List<Path> list(Path folder) {
        return contents.keySet().stream()
                .filter(path -> folder.equals(path.getParent()))
                .toList();
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        var content = contents.remove(from);
        if (content == null) {
            throw new IOException("there is no file " + from);
        }
        contents.put(to, content);
    }

    @Override
    public void delete(Path path) {
        contents.remove(path);
    }

    @Override
    public void forceFolder(Path folder) {
        // nothing of this is meant to stay
    }

    @Override
    public long usableBytes(Path folder) {
        return Long.MAX_VALUE;
    }

    private record OverlaidFile(Overlaid content, @Nullable FileChannel disk) implements StoreFile {

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            for (long at = offset; source.hasRemaining(); ) {
                int within = (int) (at % PAGE);
                int count = Math.min(PAGE - within, source.remaining());
                source.get(page(at / PAGE), within, count);
                at += count;
                content.length = Math.max(content.length, at);
            }
        }

        private byte[] page(long number) throws IOException {
            var page = content.pages.get(number);
            if (page == null) {
                page = new byte[PAGE];
                readDisk(ByteBuffer.wrap(page), number * PAGE);
                content.pages.put(number, page);
            }
            return page;
        }

        private void readDisk(ByteBuffer target, long offset) throws IOException {
            int limit = target.limit();
            int start = target.position();
            target.limit((int) Math.min(limit, start + Math.max(0, content.onDisk - offset)));
            while (disk != null && target.hasRemaining()) {
                if (disk.read(target, offset + target.position() - start) < 0) {
                    break;
                }
            }
            target.limit(limit);
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            int start = target.position();
            int count = (int) Math.max(0, Math.min(target.remaining(), content.length - offset));
            var part = target.slice(start, count);
            readDisk(part, offset);
            while (part.hasRemaining()) {
                part.put((byte) 0);
            }
            for (long number = offset / PAGE; number * PAGE < offset + count && !content.pages.isEmpty(); number++) {
                var page = content.pages.get(number);
                if (page != null) {
                    int from = (int) Math.max(0, offset - number * PAGE);
                    int to = (int) Math.min(PAGE, offset + count - number * PAGE);
                    part.put((int) (number * PAGE + from - offset), page, from, to - from);
                }
            }
            target.position(start + count);
            return count;
        }

        @Override
        public void force() {
            // nothing of this is meant to stay
        }

        @Override
        public void resize(long length) {
            if (length < content.length) {
                content.onDisk = Math.min(content.onDisk, length);
                content.pages.keySet().removeIf(number -> number * PAGE >= length);
                var last = content.pages.get(length / PAGE);
                if (last != null) {
                    java.util.Arrays.fill(last, (int) (length % PAGE), PAGE, (byte) 0);
                }
            }
            content.length = length;
        }

        @Override
        public long size() {
            return content.length;
        }

        @Override
        public void close() throws IOException {
            if (disk != null) {
                disk.close();
            }
        }
    }
}
