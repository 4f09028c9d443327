package io.turnstone.store.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The disk's floor: each batch is one write to a file opened with DSYNC, into blocks that were zeroed before the clock
 * started; at the end it begins again at the start. A removal is 32 bytes. Reading is reading the file from its
 * beginning. It keeps no index, checks nothing and recovers nothing. Owned by one thread.
 */
final class RawAppend implements Subject {

    private static final int REMOVAL = 32;
    private static final int CHUNK = 1 << 20;
    private static final int MAX_BATCH = 16 << 20;

    private final FileChannel channel;
    private final ByteBuffer batch = ByteBuffer.allocateDirect(MAX_BATCH);
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private final byte[] removal = new byte[REMOVAL];
    private final long size;
    private final Batches batches = new Batches(0);
    private long position;
    private long readPosition;
    private boolean wanted;

    /**
     * Opens the file, making and zeroing it when it is absent.
     *
     * @param bytes its size
     */
    RawAppend(Path folder, long bytes) throws IOException {
        var file = folder.resolve("raw");
        if (!Files.exists(file)) {
            zero(file, bytes);
        }
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
        size = channel.size();
    }

    private static void zero(Path file, long bytes) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var zeros = ByteBuffer.allocateDirect(CHUNK);
            for (long at = 0; at < bytes; at += CHUNK) {
                channel.write(zeros.clear().limit((int) Math.min(CHUNK, bytes - at)));
            }
            channel.force(true);
        }
    }

    @Override
    public void enqueue(byte[] body) {
        batches.enqueued();
        batch.put(body);
    }

    @Override
    public void remove(long key) {
        batches.removed();
        batch.put(removal);
    }

    @Override
    public void more() {
        wanted = true;
    }

    @Override
    public void turn(Answers answers) throws IOException {
        if (wanted) {
            wanted = false;
            read(answers);
        }
        batches.commit(this::write, answers);
    }

    private void write() throws IOException {
        batch.flip();
        if (position + batch.limit() > size) {
            position = 0;
        }
        while (batch.hasRemaining()) {
            position += channel.write(batch, position);
        }
        batch.clear();
    }

    private void read(Answers answers) throws IOException {
        int length = channel.read(chunk.clear(), readPosition);
        for (int at = 0; at + Bodies.BYTES <= length; at += Bodies.BYTES) {
            answers.message(readPosition + at, chunk.array(), at);
        }
        readPosition += Math.max(0, length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
