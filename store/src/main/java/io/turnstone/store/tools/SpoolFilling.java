package io.turnstone.store.tools;

import io.turnstone.api.Body;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.spool.SpoolFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes one body into a file while a tool waits. Owned by one thread. */
final class SpoolFilling implements Spool.Writer.Listener {

    private static final long MOST_WAITING = 4 << 20;

    private final CallerLoop loop;
    private final Spool.Writer writer;
    private long waiting;
    private Spool.@Nullable File file;
    private @Nullable StoreException failure;

    SpoolFilling(Spool spool, CallerLoop loop) {
        this.loop = loop;
        writer = spool.write(loop, this);
    }

    /** Writes everything there is; the first bytes are the head. */
    Body.Spooled write(int headBytes, InputStream bytes) throws IOException {
        var head = new ByteArrayOutputStream(headBytes);
        try {
            var piece = new byte[SpoolFolder.PIECE_BYTES];
            for (int count = bytes.read(piece); count >= 0; count = bytes.read(piece)) {
                head.write(piece, 0, Math.min(count, headBytes - head.size()));
                waiting += count;
                writer.add(ByteBuffer.wrap(piece, 0, count));
                loop.runUntil(() -> waiting <= MOST_WAITING || failure != null);
            }
        } catch (IOException | RuntimeException e) {
            writer.discard();
            throw e;
        }
        writer.finish(true);
        loop.runUntil(() -> file != null || failure != null);
        var whole = file;
        if (whole == null) {
            throw failure == null ? new StoreException("a body was not written") : failure;
        }
        return new Body.Spooled(Body.Inline.of(head.toByteArray()), whole);
    }

    @Override
    public void written(int count) {
        waiting -= count;
    }

    @Override
    public void finished(Spool.File whole) {
        file = whole;
    }

    @Override
    public void failed(StoreException why) {
        failure = why;
    }
}
