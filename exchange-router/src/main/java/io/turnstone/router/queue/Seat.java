package io.turnstone.router.queue;

import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.Loop;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Peer;
import org.jspecify.annotations.Nullable;

/**
 * A consumer as its queue sees it: what it may still get and what it holds. The other half, on the consumer's own loop, is
 * {@link QueueConsumer}. Owned by the queue's home loop.
 */
final class Seat implements RankHeap.Ranked {

    /** A consumer with one credit advances by this much per delivery, one with n credits by an n-th. */
    private static final long STRIDE = 1 << 20;

    QueueConsumer consumer;
    Loop loop;
    ConsumerRequest request;
    final ConsumerRing.@Nullable Level level;
    final ReadyMessages.@Nullable Cursor cursor;

    /** What it has found, if it chooses among the messages. */
    @Nullable
    Choice choice;

    boolean draining;

    /** Waits in line behind the one consumer that gets messages. */
    boolean standby;

    private long limit;
    private long delivered;
    private long bytesLeft;
    private long rank;
    private long stride = STRIDE;
    private int place = OUTSIDE;
    private boolean closed;
    private boolean suspended;
    private boolean broken;
    private Exclusion.@Nullable Consumer excluding;
    private @Nullable Entry firstHeld;
    private @Nullable Entry lastHeld;
    private int held;

    Seat(
            QueueConsumer consumer,
            Loop loop,
            ConsumerRequest request,
            ConsumerRing.@Nullable Level level,
            ReadyMessages.@Nullable Cursor cursor) {
        this.consumer = consumer;
        this.loop = loop;
        this.request = request;
        this.level = level;
        this.cursor = cursor;
        bytesLeft = request.byteBudget();
    }

    @Override
    public long rank() {
        return rank;
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public void place(int index) {
        place = index;
    }

    boolean closed() {
        return closed;
    }

    void close() {
        closed = true;
        if (excluding != null) {
            excluding.leaves();
        }
    }

    /** It gets nothing until somebody {@linkplain #resume takes it over}. */
    void suspend() {
        suspended = true;
        limit = delivered;
    }

    boolean suspended() {
        return suspended;
    }

    /** Another link takes it over, with what it holds. */
    void resume(QueueConsumer other, Loop itsLoop, Peer peer) {
        suspended = false;
        consumer = other;
        loop = itsLoop;
        request = request.by(peer);
        bytesLeft = request.byteBudget();
    }

    /** Itself, as messages know it that are undeliverable to it. */
    Exclusion.Consumer excluding() {
        Exclusion.Consumer present = excluding;
        if (present == null) {
            present = new Exclusion.Consumer();
            excluding = present;
        }
        return present;
    }

    /** Deliveries made in total. */
    long delivered() {
        return delivered;
    }

    /** Entries it holds. */
    int held() {
        return held;
    }

    @Nullable
    Entry firstHeld() {
        return firstHeld;
    }

    long credit() {
        return Math.max(0, limit - delivered);
    }

    /** Whether it may get a delivery now. One may pass the byte budget, so that the largest message gets through. */
    boolean ready() {
        return !closed && !suspended && !standby && limit > delivered && bytesLeft > 0;
    }

    /** Whether it is its turn before that of another. */
    boolean before(Seat other) {
        int priorities = Integer.compare(request.priority(), other.request.priority());
        return priorities == 0 ? rank < other.rank : priorities > 0;
    }

    /** Whether it takes some messages and not others. */
    boolean chooses() {
        return request.filter() != MessageFilter.ALL || request.mode().noLocal();
    }

    /** Whether it may have this entry, and wants it. */
    boolean wants(Entry entry) {
        if ((excluding != null && entry.excludes(excluding))
                || (request.mode().noLocal()
                        && entry.overlay().connectionId() == request.peer().connectionId())) {
            return false;
        }
        return request.filter() == MessageFilter.ALL || matches(entry);
    }

    private boolean matches(Entry entry) {
        if (closed || broken) {
            return false;
        }
        try {
            return request.filter().matches(entry.message(), entry.overlay());
        } catch (RuntimeException failure) { // a defect of the front end
            broken = true;
            consumer.filterFailed(failure);
            return false;
        }
    }

    /** A new limit; its share among its peers is in proportion to the credit it has now. */
    void flow(long newLimit) {
        limit = newLimit;
        stride = STRIDE / Math.min(STRIDE, Math.max(1, credit()));
    }

    void written(long bytes) {
        bytesLeft += bytes;
    }

    /** The rest of its credit is gone. */
    void drained() {
        limit = delivered;
    }

    /** Takes part again: not before those who took part all the time. */
    void rejoin(long atLeastRank) {
        rank = Math.max(rank, atLeastRank);
    }

    /** One delivery is made. */
    void served(long bytes) {
        delivered++;
        bytesLeft -= bytes;
        rank += stride;
    }

    /** Sends a delivery to its other half. */
    void deliver(HandOff handOff, Delivery delivery) {
        handOff.send(loop, QueueConsumer.DELIVER, consumer, delivery);
    }

    /** Remembers an entry that it has to settle. */
    void hold(Entry entry) {
        entry.holder = this;
        entry.heldBefore = lastHeld;
        if (lastHeld == null) {
            firstHeld = entry;
        } else {
            lastHeld.heldAfter = entry;
        }
        lastHeld = entry;
        held++;
    }

    /** Forgets an entry that it settled. */
    void unhold(Entry entry) {
        Entry before = entry.heldBefore;
        Entry after = entry.heldAfter;
        if (before == null) {
            firstHeld = after;
        } else {
            before.heldAfter = after;
        }
        if (after == null) {
            lastHeld = before;
        } else {
            after.heldBefore = before;
        }
        entry.heldBefore = null;
        entry.heldAfter = null;
        entry.holder = null;
        held--;
    }
}
