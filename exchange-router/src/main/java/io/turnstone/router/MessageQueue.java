package io.turnstone.router;

import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * One queue: holds messages in order and hands each to one consumer, again if need be, until it is settled.
 *
 * <p>Owned by its home loop. {@link #id}, {@link #name}, {@link #spec}, {@link #home}, {@link #status},
 * {@link #full}, {@link #admit}, {@link #unadmit} and everything that answers with a stage: any thread. Methods with a
 * {@link HandOff}: the loop of that hand-off.
 */
@SuppressWarnings("DoNotCallSuggester") // until the methods are filled in
final class MessageQueue implements StoredQueue {

    /** What must hold for a queue to be deleted. */
    enum DeleteIf {
        /** Nothing. */
        ALWAYS,
        /** It has no consumers. */
        UNUSED,
        /** It has neither messages nor consumers. */
        EMPTY_AND_UNUSED
    }

    private final int id;
    private final QueueHome home;
    private volatile QueueSpec spec;

    /**
     * A queue without messages; {@link #start} makes it work.
     *
     * @param id its number, unique for the life of the store for durable queues
     */
    MessageQueue(int id, QueueSpec spec, QueueHome home) {
        this.id = id;
        this.spec = spec;
        this.home = home;
    }

    @Override
    public int id() {
        return id;
    }

    String name() {
        return spec.name();
    }

    QueueSpec spec() {
        return spec;
    }

    @Override
    public Loop home() {
        return home.loop();
    }

    /** Reserves room for one message, or says why not. Free for a queue without a limit. */
    Admission admit(long bytes) {
        throw new UnsupportedOperationException();
    }

    /** Gives a reservation back: the message will not enter after all. */
    void unadmit(long bytes) {
        throw new UnsupportedOperationException();
    }

    /** Whether publishers should wait: the limit is reached and its overflow is {@code block}. */
    boolean full() {
        throw new UnsupportedOperationException();
    }

    /** Lets a message in that does not pass through the store; room was reserved with {@link #admit}. */
    void enqueue(HandOff from, Message message, Overlay overlay) {
        throw new UnsupportedOperationException();
    }

    /** Lets a dead message in that does not pass through the store, whatever the limit. */
    void enqueueDead(HandOff from, Message message, Overlay overlay) {
        throw new UnsupportedOperationException();
    }

    /** Runs {@code onRoom} once, on the loop of {@code from}, as soon as so many bytes may fit or the queue is gone. */
    void awaitRoom(HandOff from, long bytes, Runnable onRoom) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void apply(StoreRecord record, long position) {
        throw new UnsupportedOperationException();
    }

    /** Opens a consumer; the stage completes on the loop of {@code from}, before its first delivery. */
    CompletionStage<Consumer> open(ConsumerRequest request, HandOff from, Consumer.Listener listener) {
        throw new UnsupportedOperationException();
    }

    /** Lets only this connection consume. Called before the queue is published, on any thread. */
    void exclusiveTo(long connectionId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes a message back that the store kept; in log order, before {@link #start}.
     *
     * @param overlay as {@link OverlayCodec#decode} read it for this queue
     * @param maybeSeen whether a consumer may have had it before the restart
     */
    void recovered(long position, Message message, Overlay overlay, boolean maybeSeen) {
        throw new UnsupportedOperationException();
    }

    /** Starts its clocks. On its home loop, once, after recovery or creation. */
    void start() {
        throw new UnsupportedOperationException();
    }

    /** Figures of a recent turn. */
    QueueStatus status() {
        throw new UnsupportedOperationException();
    }

    /** Removes what no consumer holds; completes on the home loop with the number, when that is durable. */
    CompletionStage<Long> purge() {
        throw new UnsupportedOperationException();
    }

    /**
     * Ends the queue: from the moment it is decided no consumer opens and nothing enters, consumers are closed with
     * {@code reason}, waiting publishers are told, messages are forgotten. For a durable queue its
     * {@link StoreRecord.Drop} is submitted here; the caller forgets its definition.
     *
     * @return completes on the home loop with the number of messages, when that is durable; exceptionally with
     *     {@link io.turnstone.api.RefusedException} when {@code when} does not hold
     */
    CompletionStage<Long> delete(Refusal reason, DeleteIf when) {
        throw new UnsupportedOperationException();
    }

    /** Changes what can change live: ttl, expires, limit, retry, dead letter; for messages that come later. */
    CompletionStage<Void> reconfigure(QueueSpec changed) {
        throw new UnsupportedOperationException();
    }

    /** Counts as use: somebody declared the queue again, so {@code expires} starts anew. Any thread. */
    void touch() {
        throw new UnsupportedOperationException();
    }

    /** Runs something on the home loop, for threads that are no loop; the stage completes there. */
    <T> CompletionStage<T> execute(Supplier<T> work) {
        throw new UnsupportedOperationException();
    }
}
