package io.turnstone.router.queue;

import io.turnstone.api.ConsumerRequest.Claim;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one consumer that wait until it stands in the store that they are its own: one record for all that
 * arrive in a turn. Their number follows from the consumer's credit. Owned by the loop of its consumer.
 */
final class Claiming {

    /** What arrived in one turn, in order; null in place of the answer to a drain. */
    private final class Batch implements MessageStore.Committed {
        private final List<@Nullable Entry> arrived = new ArrayList<>();
        private int next;
        private boolean done;
        private @Nullable StoreException failed;

        /** Those that the store can give back after a restart. */
        private List<StoreRecord.Define> records() {
            var records = new ArrayList<StoreRecord.Define>();
            for (Entry entry : arrived.subList(next, arrived.size())) { // none when they were given up
                if (entry != null && entry.stored()) {
                    records.add(new ClaimRecord(queue.id(), entry.position, claim, alone).made());
                }
            }
            return records;
        }

        @Override
        public void committed(long position, @Nullable StoreException failure) {
            done = true;
            failed = failure;
            goOn();
        }

        private boolean isEmpty() {
            return next == arrived.size();
        }
    }

    private final MessageQueue queue;
    private final Claim claim;
    private final boolean alone;
    private final MessageStore store;
    private final HandOff handOff;
    private final QueueConsumer consumer;
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private @Nullable Batch open;

    /** @param alone whether the consumer is an exclusive one */
    Claiming(
            MessageQueue queue,
            Claim claim,
            boolean alone,
            MessageStore store,
            HandOff handOff,
            QueueConsumer consumer) {
        this.queue = queue;
        this.claim = claim;
        this.alone = alone;
        this.store = store;
        this.handOff = handOff;
        this.consumer = consumer;
    }

    /** The same for a consumer that takes over its seat. */
    Claiming by(QueueConsumer other, HandOff itsHandOff) {
        return new Claiming(queue, claim, alone, store, itsHandOff, other);
    }

    /** A delivery arrives. */
    void add(Entry entry) {
        arrived(entry);
    }

    /** The answer to a drain arrives; whether it has to wait for deliveries before it. */
    boolean drains() {
        boolean waits = !batches.isEmpty();
        if (waits) {
            arrived(null);
        }
        return waits;
    }

    private void arrived(@Nullable Entry entry) {
        Batch batch = open;
        if (batch == null) {
            batch = new Batch();
            open = batch;
            batches.add(batch);
            handOff.loop().atEndOfTurn(this::submit);
        }
        batch.arrived.add(entry);
    }

    private void submit() {
        Batch batch = open;
        open = null;
        if (batch == null) {
            return;
        }
        List<StoreRecord.Define> records = batch.records();
        if (records.isEmpty()) {
            batch.committed(MessageStore.UNWRITTEN, null);
        } else if (records.size() == 1) {
            store.submit(records.get(0), handOff.loop(), batch);
        } else {
            store.submit(new StoreRecord.Commit(List.of(), records, this), handOff.loop(), batch);
        }
    }

    private void goOn() {
        for (Batch batch = batches.peek(); batch != null && batch.done; batch = batches.peek()) {
            StoreException failed = batch.failed;
            if (failed != null && !batch.isEmpty()) {
                consumer.notClaimed(failed);
                batch.next = batch.arrived.size();
            }
            while (!batch.isEmpty()) { // which the consumer may give up meanwhile
                consumer.claimed(batch.arrived.get(batch.next++));
            }
            batches.remove();
        }
    }

    /** The consumer is suspended or closed: gives what nobody has seen. */
    void giveUp(Consumer<Entry> giveBack) {
        for (Batch batch : batches) {
            while (!batch.isEmpty()) {
                Entry entry = batch.arrived.get(batch.next++);
                if (entry != null) {
                    giveBack.accept(entry);
                }
            }
        }
    }
}
