package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Short ways to write and read bodies in files. */
public final class SpooledBodies {

    private static final int HEAD = 300;

    private SpooledBodies() {}

    /** What a writer told. */
    static final class Writing implements Spool.Writer.Listener {
        long written;
        Spool.File file;
        StoreException failure;

        @Override
        public void written(int bytes) {
            written += bytes;
        }

        @Override
        public void finished(Spool.File finished) {
            file = finished;
        }

        @Override
        public void failed(StoreException why) {
            failure = why;
        }

        boolean over() {
            return file != null || failure != null;
        }
    }

    /** Reads all of a body. */
    static final class Reading implements Spool.Reader.Listener {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Spool.Reader reader;
        private final long length;

        StoreException failure;
        boolean damaged;

        Reading(Spool spool, Body.Spooled body, TestLoop loop) {
            reader = spool.read(body, loop, this);
            length = body.length();
            bytes.write(body.head().array(), body.head().offset(), body.head().size());
            reader.next();
        }

        @Override
        public void piece(ByteBuffer piece) {
            var copy = new byte[piece.remaining()];
            piece.get(copy);
            bytes.writeBytes(copy);
            if (bytes.size() < length) {
                reader.next();
            }
        }

        @Override
        public void failed(StoreException why, boolean isDamaged) {
            failure = why;
            damaged = isDamaged;
        }

        boolean over() {
            return failure != null || bytes.size() == length;
        }
    }

    private static Spool spool(MapDbStore store) {
        return store.spool().orElseThrow();
    }

    static Writing writing(MapDbStore store, TestLoop loop, byte[] bytes) {
        return writing(store, loop, bytes, true);
    }

    static Writing writing(MapDbStore store, TestLoop loop, byte[] bytes, boolean durable) {
        var writing = new Writing();
        var writer = spool(store).write(loop, writing);
        for (int at = 0; at < bytes.length; ) {
            int count = Math.min(bytes.length - at, 1 + at % 30_000);
            writer.add(ByteBuffer.wrap(bytes, at, count));
            at += count;
        }
        writer.finish(durable);
        loop.runUntil(writing::over);
        return writing;
    }

    public static Body.Spooled write(MapDbStore store, TestLoop loop, byte[] bytes) {
        var writing = writing(store, loop, bytes);
        assertThat(writing.failure).isNull();
        assertThat(writing.written).isEqualTo(bytes.length);
        return new Body.Spooled(Body.Inline.of(Arrays.copyOf(bytes, HEAD)), writing.file);
    }

    public static StoreRecord.Enqueue enqueue(Body body, StoredQueue... queues) {
        return new StoreRecord.Enqueue(List.of(queues), "f", body, new byte[] {7}, Marks.lasting(4), true, "");
    }

    public static byte[] read(MapDbStore store, TestLoop loop, TestQueue from, long position) {
        var message = Recovered.read(store, from, loop, position).get(0);
        assertThat(message.format()).isEqualTo("f");
        var reading = new Reading(spool(store), (Body.Spooled) message.body(), loop);
        loop.runUntil(reading::over);
        assertThat(reading.failure).isNull();
        return reading.bytes.toByteArray();
    }
}
