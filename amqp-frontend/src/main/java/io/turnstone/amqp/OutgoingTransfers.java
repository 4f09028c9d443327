package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.message.TransferWriter;
import io.turnstone.api.Delivery;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Binary;
import org.jspecify.annotations.Nullable;

/**
 * What a queue handed over to one outgoing link: waits here while the session's window or the socket has no room, and is
 * written a slice at a time. Owned by the loop of its connection.
 */
final class OutgoingTransfers {

    /** Bytes of one message that are written before another link gets its turn. */
    private static final int SLICE = 256 * 1024;

    private final OutgoingLink link;
    private final AmqpSession session;
    private final TransferWriter writer = new TransferWriter();
    /** Bounded by the byte budget. */
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();

    private final TagForm tags;
    private final byte[] tag;
    /** Deliveries begun on the wire, or passed by, which is also what tags count. */
    private long sent;
    /** The delivery that is being written. */
    private @Nullable Delivery unfinished;
    /** Its bytes. */
    private long sending;
    /** Bytes that left and that the queue has not heard of. */
    private long unreported;

    OutgoingTransfers(OutgoingLink link) {
        this.link = link;
        this.session = link.session();
        tags = TagForm.of(session.connection());
        tag = tags.first();
    }

    /** What its tags look like. */
    TagForm tags() {
        return tags;
    }

    /** Deliveries of the queue begun or passed by so far. */
    long sent() {
        return sent;
    }

    /** Deliveries that were handed over and not begun. */
    int waiting() {
        return waiting.size();
    }

    /** Whether the delivery that was begun last is written. */
    boolean complete() {
        return writer.complete();
    }

    void add(Delivery delivery) {
        waiting.add(delivery);
    }

    /** A delivery that the queue counts as made is not sent. */
    void pass(Delivery delivery) {
        sent++;
        left(delivery.message().size());
    }

    Delivery next() {
        return waiting.remove();
    }

    /**
     * Writes the beginning of a delivery, or all of it.
     *
     * @param within the transaction in which it is acquired
     */
    void begin(Delivery delivery, int deliveryId, boolean settled, @Nullable Binary within) {
        begin(delivery, deliveryId, sent++, settled, within);
    }

    /** The same with a tag that outlives the connection. */
    void begin(Delivery delivery, int deliveryId, SourceState.Sent tagged, @Nullable Binary within) {
        sent++;
        begin(delivery, deliveryId, tagged.tag, false, within);
    }

    /** The same for a delivery that is resumed, which does not count as one of the queue. */
    void resume(SourceState.Sent tagged, int deliveryId) {
        writer.resumes();
        begin(tagged.delivery, deliveryId, tagged.tag, false, null);
    }

    private void begin(Delivery delivery, int deliveryId, long number, boolean settled, @Nullable Binary within) {
        TagForm.number(tag, number);
        unfinished = delivery;
        sending = delivery.message().size();
        writer.within(within == null ? null : within.getArray());
        writer.begin(
                deliveryId,
                tag,
                settled,
                delivery,
                Map.of(),
                session.connection().loop().now(),
                session.connection().spooling().stream(delivery.message(), link));
    }

    /** Writes a slice of what was begun. */
    void write() {
        FrameWriter out = session.connection().out();
        int slice = Math.max(1, SLICE / out.maxTransferSize());
        int frames = writer.write(
                session.channel(), link.handle(), out.maxTransferSize(), Math.min(slice, session.sendable()), out);
        session.transferred(frames);
        if (writer.complete()) {
            unfinished = null;
            left(sending);
        } else if (mayWrite()) {
            session.waits(link);
        }
    }

    /** Counted as the queue counts it: what annotations add on the wire is not in its budget. */
    private void left(long bytes) {
        unreported += bytes;
        if (unreported >= session.settings().linkByteBudget() / 4) {
            session.connection().turnEnd().written(link);
        }
    }

    /** Whether there is something to write of what was begun. */
    boolean mayWrite() {
        return writer.ready(session.connection().out().maxTransferSize());
    }

    /** Bytes that left since the last time it was asked. */
    long written() {
        long bytes = unreported;
        unreported = 0;
        return bytes;
    }

    /** The delivery whose end the peer will never see, if there is one; it is nobody's any more. */
    @Nullable
    Delivery loseUnfinished() {
        Delivery delivery = unfinished;
        unfinished = null;
        return delivery;
    }

    /** Ends a delivery in the middle, and tells the peer. */
    void abort() {
        if (!writer.complete()) {
            session.transferred(writer.abort(
                    session.channel(), link.handle(), session.connection().out()));
        }
    }

    /** Whether that delivery is in the middle of being written. */
    boolean writes(Delivery delivery) {
        return delivery == unfinished;
    }

    /** The link is gone: gives what has not left, or only in part, which nobody has seen. */
    void release(Consumer<Delivery> giveBack) {
        writer.discard();
        Delivery begun = loseUnfinished();
        if (begun != null) {
            giveBack.accept(begun);
        }
        waiting.forEach(giveBack);
        waiting.clear();
    }
}
