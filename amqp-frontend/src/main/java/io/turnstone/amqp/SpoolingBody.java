package io.turnstone.amqp;

import io.turnstone.api.Body;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of one incoming message on its way into a file. Owned by the loop of its connection. */
final class SpoolingBody implements Spool.Writer.Listener {

    private final AmqpSession session;
    private final Spooling spooling;
    private final Body.Inline head;
    private final boolean durable;
    private final Spool.Writer writer;
    private @Nullable Arrivals arrivals;
    private long waitingBytes;
    private Body.@Nullable Spooled whole;
    private @Nullable StoreException failure;
    private boolean over;

    /**
     * Begins a body.
     *
     * @param head its first bytes, all sections before the body in them
     * @param durable whether the message asks to survive a restart
     * @param frameBytes how much comes in a frame
     */
    SpoolingBody(AmqpSession session, Spool spool, Body.Inline head, boolean durable, int frameBytes) {
        this.session = session;
        this.spooling = session.connection().spooling();
        this.head = head;
        this.durable = durable;
        spooling.begin();
        session.spooling(1, frameBytes);
        writer = spool.write(session.connection().loop(), this);
    }

    /** Takes the next bytes. */
    void add(ByteBuffer bytes) {
        if (!over) {
            waits(bytes.remaining());
            writer.add(bytes);
        }
    }

    /** That was all; the line is told when it is known what became of it. */
    void finish(Arrivals line) {
        arrivals = line;
        if (failure == null) {
            writer.finish(durable);
        }
    }

    /** The message was aborted, or its link is gone. */
    void discard() {
        if (!over) {
            writer.discard();
            over();
        }
    }

    /** Whether it is known what became of it. */
    boolean isOver() {
        return over;
    }

    /** Null until it is whole. */
    Body.@Nullable Spooled whole() {
        return whole;
    }

    /** Why it will never be whole. */
    @Nullable
    StoreException failure() {
        return failure;
    }

    @Override
    public void written(int bytes) {
        waits(-bytes);
    }

    @Override
    public void finished(Spool.File file) {
        whole = new Body.Spooled(head, file);
        over();
    }

    @Override
    public void failed(StoreException why) {
        failure = why;
        over();
    }

    private void over() {
        over = true;
        waits(-waitingBytes);
        spooling.end();
        session.spooling(-1, 0);
        if (arrivals != null) {
            arrivals.advance();
        }
    }

    private void waits(long change) {
        waitingBytes += change;
        spooling.waits(change);
    }
}
