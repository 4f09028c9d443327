package io.turnstone.amqp.message;

import io.turnstone.api.Body;
import io.turnstone.api.Loop;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import java.nio.ByteBuffer;

/**
 * What comes behind the head of a body in a file, on its way out: at most two pieces of it at a time. Owned by the loop
 * of its connection.
 */
public final class BodyStream implements Spool.Reader.Listener {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Spool.Reader reader;
    private final Listener listener;
    /** Bytes of pieces that have not come. */
    private long unread;

    private ByteBuffer present = NOTHING;
    private ByteBuffer ahead = NOTHING;
    private boolean asked;

    /** Begins to read. */
    public BodyStream(Spool spool, Body.Spooled body, Loop loop, Listener listener) {
        this.listener = listener;
        reader = spool.read(body, loop, this);
        unread = body.length() - body.head().size();
        ask();
    }

    /** How many bytes can be copied now. */
    int ready() {
        return present.remaining() + ahead.remaining();
    }

    /** Whether nothing more will be read before something was copied. */
    boolean full() {
        return !asked;
    }

    /** Copies the next bytes; at most as many as are ready. */
    void copy(int count, ByteBuffer out) {
        for (int left = count; left > 0; ) {
            int part = Math.min(left, present.remaining());
            out.put(out.position(), present, present.position(), part).position(out.position() + part);
            present.position(present.position() + part);
            left -= part;
            if (!present.hasRemaining()) {
                present = ahead;
                ahead = NOTHING;
                ask();
            }
        }
    }

    /** Ends it. */
    void close() {
        reader.close();
    }

    private void ask() {
        if (!asked && unread > 0 && !ahead.hasRemaining()) {
            asked = true;
            reader.next();
        }
    }

    @Override
    public void piece(ByteBuffer bytes) {
        asked = false;
        unread -= bytes.remaining();
        if (present.hasRemaining()) {
            ahead = bytes;
        } else {
            present = bytes;
            ask();
        }
        listener.more();
    }

    @Override
    public void failed(StoreException failure, boolean damaged) {
        listener.lost(failure, damaged);
    }

    /** Told on the loop. */
    public interface Listener {
        /** There is more to copy. */
        void more();

        /** There will never be more; {@code damaged} if trying again does not help. */
        void lost(StoreException failure, boolean damaged);
    }
}
