package io.turnstone.store.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that writes to a file of its own at a given rate, as a checkpoint would: a burst through the page cache,
 * then one force. Ends when it is closed.
 */
final class BackgroundWrites implements Closeable {

    private static final int BURST = 16 << 20;
    private static final int PIECE = 256 << 10;
    private static final long FILE_BYTES = 1L << 30;
    private static final long NAP_NANOS = 1_000_000;

    private final FileChannel channel;
    private final double bytesPerSecond;
    private final Thread thread = new Thread(this::run, "background-writes");
    private volatile boolean stopping;
    private volatile @Nullable IOException failure;

    BackgroundWrites(Path folder, double bytesPerSecond) throws IOException {
        this.bytesPerSecond = bytesPerSecond;
        channel =
                FileChannel.open(folder.resolve("background"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    void start() {
        thread.start();
    }

    private void run() {
        var piece = ByteBuffer.allocateDirect(PIECE);
        long start = System.nanoTime();
        try {
            for (long written = 0; !stopping; ) {
                if ((System.nanoTime() - start) / 1e9 * bytesPerSecond < written + BURST) {
                    LockSupport.parkNanos(this, NAP_NANOS);
                    continue;
                }
                for (int i = 0; i < BURST; i += PIECE) {
                    channel.write(piece.clear(), (written + i) % FILE_BYTES);
                }
                channel.force(false);
                written += BURST;
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.close();
        if (failure != null) {
            throw new IOException("the background writes ended early", failure);
        }
    }
}
