package io.turnstone.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes spares, in pieces that are far apart while commits go on: a disk that writes zeros as fast as it can makes a
 * commit take five to twenty times as long. Owned by the checkpointer.
 */
public final class Zeroing {

    private static final int PIECE = 64 << 10;
    private static final int LEAST_PIECES = 8;

    /** A piece is followed by a pause so many times as long. */
    private static final int PAUSES = 60;

    /** No commit for so long means that the disk has nothing better to do. */
    private static final long QUIET_NANOS = 20_000_000;

    private final SegmentPool pool;
    private final int length;
    private final int pieceBytes;
    private SegmentPool.@Nullable Spare open;
    private @Nullable ByteBuffer zeros;
    private int done;
    private long notBefore = System.nanoTime();

    /** Spares of so many bytes for this pool. */
    public Zeroing(SegmentPool pool, int segmentBytes) {
        this.pool = pool;
        length = segmentBytes;
        pieceBytes = Math.min(PIECE, segmentBytes / LEAST_PIECES);
    }

    /**
     * Writes a piece of a spare that is wanted if it is time for it.
     *
     * @param lastCommit when something was committed last, in {@link System#nanoTime}
     */
    public void go(long lastCommit) throws IOException {
        if (pauseNanos(lastCommit) > 0) {
            return;
        }
        long start = System.nanoTime();
        piece();
        long end = System.nanoTime();
        notBefore = end + (end - start) * PAUSES;
    }

    /** How long until it is time for the next piece, in nanoseconds. */
    public long pauseNanos(long lastCommit) {
        long now = System.nanoTime();
        return Math.max(0, Math.min(notBefore - now, lastCommit + QUIET_NANOS - now));
    }

    /** Makes a whole spare without waiting for the disk to be idle. */
    public void whole(Runnable pause) throws IOException {
        do {
            piece();
            pause.run();
        } while (open != null);
    }

    private void piece() throws IOException {
        var spare = open;
        try {
            if (spare == null) {
                open = spare = pool.begin();
                done = 0;
            }
            var piece = zeros();
            piece.clear().limit(Math.min(pieceBytes, length - done));
            done += piece.limit();
            spare.file().write(piece, done - piece.limit());
            if (done == length) {
                pool.ready(spare);
                stop();
            }
        } catch (IOException e) {
            drop();
            throw e;
        }
    }

    private ByteBuffer zeros() {
        var buffer = zeros;
        if (buffer == null) {
            zeros = buffer = ByteBuffer.allocateDirect(pieceBytes);
        }
        return buffer;
    }

    private void stop() {
        open = null;
        zeros = null;
    }

    /** Gives up what is not wanted any more. Whether there was any. */
    public boolean drop() throws IOException {
        var spare = open;
        stop();
        if (spare == null) {
            return false;
        }
        pool.discard(spare);
        return true;
    }
}
