package io.turnstone.router;

import io.turnstone.api.Condition;
import io.turnstone.api.Peer;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Transaction;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.queue.HeapShare;
import io.turnstone.router.topology.TransactionLimits;
import java.util.HashMap;
import java.util.Map;

/**
 * The transactions of one loop that are open: how many each connection has, and what they hold on the heap. Owned by that
 * loop; {@link #heapBytes}: any thread.
 */
final class OpenTransactions {

    private final RouterLoop here;
    private final MessageStore store;
    private final TransactionLimits limits;
    private final Map<Long, Integer> byConnection = new HashMap<>();
    private long held;
    private volatile long heapBytes;

    OpenTransactions(RouterLoop here, MessageStore store, TransactionLimits limits) {
        this.here = here;
        this.store = store;
        this.limits = limits;
    }

    /** Begins one, if the connection may have one more. */
    OpenTransaction begin(Peer peer, Transaction.Listener listener) {
        if (here.stopping()) {
            throw new RefusedException(Condition.UNAVAILABLE, "the broker is stopping");
        }
        int open = byConnection.getOrDefault(peer.connectionId(), 0);
        if (open >= limits.open()) {
            throw new RefusedException(
                    Condition.LIMIT_EXCEEDED,
                    "the connection has " + open + " open transactions, which is the limit; discharge some");
        }
        byConnection.put(peer.connectionId(), open + 1);
        return new OpenTransaction(this, here, store, peer, listener);
    }

    TransactionLimits limits() {
        return limits;
    }

    /** One has ended. */
    void ended(Peer peer) {
        byConnection.computeIfPresent(peer.connectionId(), (id, open) -> open == 1 ? null : open - 1);
    }

    /** So many messages with so many bytes on the heap came to what they hold (or left it, if negative). */
    void holds(int messages, long bytes) {
        held += messages * HeapShare.MESSAGE_BYTES + bytes;
        heapBytes = held;
    }

    /** What they hold on the heap. */
    long heapBytes() {
        return heapBytes;
    }
}
