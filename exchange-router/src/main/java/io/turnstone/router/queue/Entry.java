package io.turnstone.router.queue;

import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.MessageStore;
import org.jspecify.annotations.Nullable;

/**
 * One message in one queue.
 *
 * <p>Owned by the queue's home loop. While a consumer holds it, its overlay and {@link #firstAcquirer} do not change and
 * the consumer's loop reads them; every change of holder goes through a {@link HandOff}.
 */
final class Entry implements Delivery {

    /** Where an entry is in its life; see docs/queues.md. */
    enum State {
        /** Waits for a consumer. */
        READY,
        /** Waits for the time of its next attempt. */
        DELAYED,
        /** A consumer has it. */
        HELD,
        /** Decided to go: waits for the store, or for its dead-letter queue to be made. */
        LEAVING,
        /** Not in the queue any more. */
        GONE
    }

    private final Message message;
    private Overlay overlay;
    private boolean seen;

    /** Whether the store does not have the overlay yet. */
    private boolean amended;

    /** Its position in the store, or {@link MessageStore#UNWRITTEN}. */
    final long position;

    State state = State.READY;

    /** Its place in line; kept while it is held or delayed, so that it can return. */
    Run run = Run.NOWHERE;

    int slot;

    /** Who has it, and its neighbours among what that consumer holds, in the order of delivery. */
    @Nullable
    Seat holder;

    @Nullable
    Entry heldBefore;

    @Nullable
    Entry heldAfter;

    /** Its group, from when it is delivered until it is in its place again, where the queue keeps groups. */
    @Nullable
    Group group;

    /** Whether its group waits for its retry. */
    boolean blocks;

    /** Its alarm while it is delayed. */
    @Nullable
    Delay delay;

    Entry(Message message, Overlay overlay, long position, boolean seen) {
        this.message = message;
        this.overlay = overlay;
        this.position = position;
        this.seen = seen;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Message message() {
        return message;
    }

    @Override
    public Overlay overlay() {
        return overlay;
    }

    @Override
    public boolean firstAcquirer() {
        return !seen;
    }

    /** Changes the overlay; not while a consumer holds it. */
    void overlay(Overlay changed) {
        assert state != State.HELD;
        overlay = changed;
        amended = true;
    }

    /** The store has this overlay now. */
    void kept(Overlay stored) {
        amended &= !overlay.equals(stored);
    }

    /** Whether the store could give it back as it is. */
    boolean inStore() {
        return stored() && !amended;
    }

    /** A consumer may have looked at it. */
    void seen() {
        seen = true;
    }

    /** Its place in the line of its level; grows along the line. */
    long number() {
        return run.base + slot;
    }

    boolean stored() {
        return position != MessageStore.UNWRITTEN;
    }

    boolean expires() {
        return overlay.expiresAtMs() != Message.NONE;
    }

    boolean expired(long nowMs) {
        long at = overlay.expiresAtMs();
        return at != Message.NONE && at <= nowMs;
    }

    /** Whether it waits in the queue, so that the end of its time is the end of it. */
    boolean mayExpire() {
        return state == State.READY || (state == State.DELAYED && delay != null && !delay.resting);
    }

    /** Never again to this consumer. */
    void exclude(Exclusion.Consumer consumer) {
        run.excluded = Exclusion.add(run.excluded, consumer, slot);
    }

    boolean excludes(Exclusion.Consumer consumer) {
        return Exclusion.holds(run.excluded, consumer, slot);
    }
}
