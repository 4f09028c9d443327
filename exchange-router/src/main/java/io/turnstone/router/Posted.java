package io.turnstone.router;

import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.queue.Commitment;
import io.turnstone.router.queue.MessageKeys;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.OverlayCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message of a transaction that can enter its queues. Owned by the transaction's loop. */
final class Posted implements MessageStore.Committed {

    private final Posting posting;
    private final OpenTransaction transaction;
    private final Message message;
    private final Overlay overlay;
    private final List<MessageQueue> queues;
    private final boolean reserved;
    private final List<MessageQueue> stored;
    private long position = MessageStore.UNWRITTEN;

    /** @param reserved whether room is reserved in the queues; a dead message ignores their limits */
    Posted(
            Posting posting,
            OpenTransaction transaction,
            Message message,
            Overlay overlay,
            List<MessageQueue> queues,
            boolean reserved) {
        this.posting = posting;
        this.transaction = transaction;
        this.message = message;
        this.overlay = overlay;
        this.queues = queues;
        this.reserved = reserved;
        stored = message.durable() ? stored(queues) : List.of();
    }

    private static List<MessageQueue> stored(List<MessageQueue> queues) {
        var stored = new ArrayList<MessageQueue>(queues.size());
        for (MessageQueue queue : queues) {
            if (queue.spec().durable()) {
                stored.add(queue);
            }
        }
        return stored;
    }

    long size() {
        return message.size();
    }

    int heapBytes() {
        return message.body().heapBytes();
    }

    /** Its record in the store, or {@link MessageStore#UNWRITTEN}. */
    long position() {
        return position;
    }

    /** Has the store keep what must survive the commit. */
    void keep() {
        if (stored.isEmpty()) {
            posting.kept(null);
        } else {
            byte[] encoded = OverlayCodec.encode(overlay, stored);
            transaction.submit(
                    new StoreRecord.Pending(message.format().id(), message.body(), encoded), heapBytes(), this);
        }
    }

    @Override
    public void committed(long at, @Nullable StoreException failure) {
        position = at;
        transaction.answered(this, heapBytes());
        posting.kept(failure);
    }

    /** It enters with the commit. */
    void describe(Commitment commitment) {
        int step = Commitment.UNWRITTEN;
        if (!stored.isEmpty()) {
            var marks = MessageKeys.mark(
                    OverlayCodec.marks(message, overlay, stored), message, overlay, reserved ? stored : List.of());
            step = commitment.add(new StoreRecord.Enter(position, stored, marks));
        }
        for (MessageQueue queue : queues) {
            int written = queue.spec().durable() ? step : Commitment.UNWRITTEN;
            commitment.enter(queue, message, overlay, written, reserved);
        }
    }

    /** It does not enter: its room is for others. */
    void giveBack() {
        if (reserved) {
            queues.forEach(queue -> queue.unadmit(message.size()));
        }
    }
}
