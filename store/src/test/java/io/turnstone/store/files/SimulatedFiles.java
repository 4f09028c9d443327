package io.turnstone.store.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory that know what a power cut leaves behind: what was forced, and of the rest any sectors. Any thread.
 */
public final class SimulatedFiles implements FileLayer {

    private static final int SECTOR = 512;

    /** Called before every operation that changes something; may throw to let it fail. */
    public interface Fault {
        /** {@code what} is one of write, force, resize, open, rename, delete. */
        void before(String what, Path path) throws IOException;
    }

    /** A write, which may be on the medium before those that came before it. */
    private static final class Pending {
        final long offset;
        final byte[] bytes;
        boolean durable;

        Pending(long offset, byte[] bytes) {
            this.offset = offset;
            this.bytes = bytes;
        }
    }

    /** One file: its content now, its durable content, and the writes that lie between. */
    private static final class Content {
        byte[] bytes = new byte[0];
        int size;
        byte[] durable = new byte[0];
        final List<Pending> pending = new ArrayList<>();
        final BitSet blocks = new BitSet();

        Pending write(long offset, byte[] data) {
            grow((int) offset + data.length);
            System.arraycopy(data, 0, bytes, (int) offset, data.length);
            var write = new Pending(offset, data);
            pending.add(write);
            return write;
        }

        /** One write reaches the medium, and not those before it. */
        void force(Pending write) {
            write.durable = true;
            if (pending.stream().allMatch(each -> each.durable)) {
                force();
            }
        }

        void grow(int length) {
            if (length > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(length, bytes.length * 2));
            }
            size = Math.max(size, length);
        }

        void force() {
            if (durable.length != size) {
                durable = Arrays.copyOf(durable, size);
            }
            for (var write : pending) {
                System.arraycopy(write.bytes, 0, durable, (int) write.offset, write.bytes.length);
            }
            pending.clear();
        }

        /** What is found after a power cut. */
        Content afterCrash(Random random) {
            var after = new Content();
            after.bytes = durable.clone();
            after.size = durable.length;
            after.durable = durable.clone();
            after.blocks.or(blocks);
            for (var write : pending) {
                for (int at = 0; at < write.bytes.length; ) {
                    int piece = Math.min(SECTOR - (int) ((write.offset + at) % SECTOR), write.bytes.length - at);
                    if (write.durable || random.nextBoolean()) {
                        after.write(write.offset + at, Arrays.copyOfRange(write.bytes, at, at + piece));
                    }
                    at += piece;
                }
            }
            after.force();
            return after;
        }

        /** What the next process finds after this one was killed. */
        Content afterKill() {
            var after = new Content();
            after.bytes = bytes.clone();
            after.size = size;
            after.durable = durable.clone();
            after.blocks.or(blocks);
            after.pending.addAll(pending);
            return after;
        }
    }

    /** A write of which so many bytes arrive, and which fails. */
    public static final class ShortWrite extends IOException {
        private static final long serialVersionUID = 1;

        private final int bytes;

        public ShortWrite(int bytes) {
            super("Input/output error");
            this.bytes = bytes;
        }
    }

    private static final int BLOCK = 4096;

    private @Nullable Path badPath;
    private long badOffset;
    private int capacity = Integer.MAX_VALUE;
    private final TreeMap<Path, Content> contents = new TreeMap<>();
    private Fault fault = (what, path) -> {};

    public synchronized void fault(Fault next) {
        fault = next;
    }

    /** Lets every read of one byte fail. */
    public synchronized void unreadable(Path path, long offset) {
        badPath = path;
        badOffset = offset;
    }

    /** Limits the disk to so many bytes; only blocks that were written take room. */
    public synchronized void capacity(int bytes) {
        capacity = bytes;
    }

    /** Bytes on the disk. */
    public synchronized int allocated() {
        return BLOCK
                * contents.values().stream()
                        .mapToInt(content -> content.blocks.cardinality())
                        .sum();
    }

    private void allocate(Content content, long offset, int length) throws IOException {
        int from = (int) (offset / BLOCK);
        int to = (int) ((offset + length + BLOCK - 1) / BLOCK);
        int more = to - from - content.blocks.get(from, to).cardinality();
        if (more > 0 && capacity < Integer.MAX_VALUE && allocated() + more * BLOCK > capacity) {
            throw new IOException("No space left on device");
        }
        content.blocks.set(from, to);
    }

    private synchronized Fault fault() {
        return fault;
    }

    /** The files as a power cut at this moment would leave them, with another folder in front of their names. */
    public synchronized SimulatedFiles afterCrash(Random random, Path from, Path to) {
        var after = new SimulatedFiles();
        contents.forEach(
                (path, content) -> after.contents.put(to.resolve(from.relativize(path)), content.afterCrash(random)));
        return after;
    }

    /** The files as another process finds them when this one is killed at this moment. */
    public synchronized SimulatedFiles afterKill(Path from, Path to) {
        var after = new SimulatedFiles();
        contents.forEach((path, content) -> after.contents.put(to.resolve(from.relativize(path)), content.afterKill()));
        return after;
    }

    private Content content(Path path) {
        var content = contents.get(path);
        if (content == null) {
            throw new AssertionError("no file " + path);
        }
        return content;
    }

    /** All bytes of a file, to look at or to damage. */
    public synchronized byte[] bytes(Path path) {
        var content = content(path);
        return Arrays.copyOf(content.bytes, content.size);
    }

    public synchronized void damage(Path path, long offset, int mask) {
        content(path).bytes[(int) offset] ^= (byte) mask;
    }

    public synchronized void cut(Path path, int length) {
        var content = content(path);
        content.size = length;
        content.bytes = Arrays.copyOf(content.bytes, length);
        content.pending.clear();
        content.durable = content.bytes.clone();
    }

    @Override
    public StoreFile open(Path path, boolean durableWrites) throws IOException {
        fault().before("open", path);
        synchronized (this) {
            return new SimulatedFile(path, contents.computeIfAbsent(path, p -> new Content()), durableWrites);
        }
    }

    @Override
    public synchronized StoreFile openToRead(Path path) throws IOException {
        var content = contents.get(path);
        if (content == null) {
            throw new NoSuchFileException(path.toString());
        }
        return new SimulatedFile(path, content, false);
    }

    @Override
    public synchronized List<Path> list(Path folder) {
        return contents.keySet().stream()
                .filter(path -> folder.equals(path.getParent()))
                .toList();
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        fault().before("rename", from);
        synchronized (this) {
            contents.put(to, contents.remove(from));
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        fault().before("delete", path);
        synchronized (this) {
            contents.remove(path);
        }
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        fault().before("force", folder);
    }

    @Override
    public synchronized long usableBytes(Path folder) {
        return (long) capacity - (capacity == Integer.MAX_VALUE ? 0 : allocated());
    }

    private final class SimulatedFile implements StoreFile {
        private final Path path;
        private final Content content;
        private final boolean durableWrites;

        SimulatedFile(Path path, Content content, boolean durableWrites) {
            this.path = path;
            this.content = content;
            this.durableWrites = durableWrites;
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            ShortWrite cut = null;
            try {
                fault().before("write", path);
            } catch (ShortWrite e) {
                cut = e;
            }
            var data = new byte[cut == null ? source.remaining() : Math.min(cut.bytes, source.remaining())];
            source.get(data);
            Pending write;
            synchronized (SimulatedFiles.this) {
                allocate(content, offset, data.length);
                write = content.write(offset, data);
            }
            if (durableWrites) {
                Thread.onSpinWait(); // a crash may come between
                synchronized (SimulatedFiles.this) {
                    content.force(write);
                }
            }
            if (cut != null) {
                throw cut;
            }
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            synchronized (SimulatedFiles.this) {
                if (path.equals(badPath) && badOffset >= offset && badOffset < offset + target.remaining()) {
                    throw new IOException("Input/output error");
                }
                int count = (int) Math.max(0, Math.min(target.remaining(), content.size - offset));
                if (count > 0) {
                    target.put(content.bytes, (int) offset, count);
                }
                return count;
            }
        }

        @Override
        public void force() throws IOException {
            fault().before("force", path);
            synchronized (SimulatedFiles.this) {
                content.force();
            }
        }

        @Override
        public void resize(long length) throws IOException {
            fault().before("resize", path);
            synchronized (SimulatedFiles.this) {
                content.force();
                content.bytes = Arrays.copyOf(Arrays.copyOf(content.bytes, content.size), (int) length);
                content.size = (int) length;
                content.durable = content.bytes.clone();
            }
        }

        @Override
        public long size() {
            synchronized (SimulatedFiles.this) {
                return content.size;
            }
        }

        @Override
        public void close() {}
    }
}
