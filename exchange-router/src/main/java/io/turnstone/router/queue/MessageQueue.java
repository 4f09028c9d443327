package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Durability;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.api.store.StoredRun;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One queue: holds messages in order and hands each to one consumer, again if need be, until it is settled.
 *
 * <p>Owned by its home loop. {@link #id}, {@link #name}, {@link #spec}, {@link #durability}, {@link #home}, {@link #status},
 * {@link #full}, {@link #admit}, {@link #unadmit} and everything that answers with a stage: any thread. Methods with a
 * {@link HandOff}: the loop of that hand-off.
 */
public final class MessageQueue implements StoredQueue {

    /** What must hold for a queue to be deleted. */
    public enum DeleteIf {
        /** Nothing. */
        ALWAYS,
        /** It has no consumers. */
        UNUSED,
        /** It has no messages. */
        EMPTY,
        /** It has neither messages nor consumers. */
        EMPTY_AND_UNUSED
    }

    private static final HandOff.Step<MessageQueue, Message, Overlay> ENQUEUE =
            (queue, message, overlay, n) -> queue.enter(message, queue.withTtl(overlay), MessageStore.UNWRITTEN, true);

    private static final HandOff.Step<MessageQueue, Message, Overlay> ENQUEUE_DEAD =
            (queue, message, overlay, n) -> queue.enter(message, queue.withTtl(overlay), MessageStore.UNWRITTEN, false);

    private static final HandOff.Step<MessageQueue, HandOff, Runnable> AWAIT_ROOM =
            (queue, from, onRoom, bytes) -> queue.await(from, onRoom, bytes);

    private static final HandOff.Step<MessageQueue, Runnable, Object> AWAIT_NO_MORE =
            (queue, onRoom, b, n) -> queue.limits.awaitNoMore(onRoom);

    private final int id;
    private final QueueHome home;
    private final QueueLimits limits;
    private final Entries entries;
    private final Settlement settlement;
    private final QueueLife life;
    private final Turns turns;
    private final @Nullable KeyWindow keys;
    private @Nullable Audience audience;
    private volatile QueueSpec spec;

    /**
     * A queue without messages; {@link #start} makes it work.
     *
     * @param id its number, unique for the life of the store for durable queues
     */
    public MessageQueue(int id, QueueSpec spec, QueueHome home) {
        this.id = id;
        this.spec = spec;
        this.home = home;
        keys = spec.deduplication() == null ? null : new KeyWindow();
        limits = new QueueLimits(spec.limit());
        entries = new Entries(this, home, spec, limits);
        settlement = new Settlement(this, entries, home);
        life = new QueueLife(this, home);
        turns = new Turns(home.loop(), this);
        audience = spec.groups() == null ? null : Audience.of(this, entries, settlement, life, home);
    }

    /** The consumers, made ready for the first if need be. */
    private Audience audience() {
        Audience present = audience;
        if (present == null) {
            present = Audience.of(this, entries, settlement, life, home);
            audience = present;
        }
        return present;
    }

    private int consumers() {
        return audience == null ? 0 : audience.ring().size();
    }

    @Override
    public int id() {
        return id;
    }

    /** The name, which never changes; any thread. */
    public String name() {
        return spec.name();
    }

    /** What it is like now, the latest reconfiguration included; any thread. */
    public QueueSpec spec() {
        return spec;
    }

    @Override
    public int levels() {
        return spec.priorities();
    }

    @Override
    public @Nullable Durability durability() {
        return spec.durability();
    }

    @Override
    public Loop home() {
        return home.loop();
    }

    /** Figures of a recent turn. */
    public QueueStatus status() {
        return entries.counters().status(name());
    }

    /** Figures of this moment; completes on the home loop. Any thread. */
    public CompletionStage<QueueStatus> figures() {
        return home.execute(() -> {
            entries.publish(name(), consumers());
            return status();
        });
    }

    /** Reserves room for one message, or says why not. Free for a queue without a limit. */
    public Admission admit(long bytes) {
        return limits.admit(bytes);
    }

    /** Gives a reservation back: the message will not enter after all. */
    public void unadmit(long bytes) {
        if (limits.unadmit(bytes)) {
            home.loop().execute(this::wake);
        }
    }

    /** Whether it is gone: nothing that comes now enters. Any thread. */
    public boolean deleted() {
        return life.deleted();
    }

    /** Whether publishers should wait: the limit is reached and its overflow is {@code block}. */
    public boolean full() {
        return limits.full();
    }

    /**
     * Runs {@code onRoom} once, on the loop of {@code from}, as soon as so many bytes may fit or the queue is gone. The
     * same task waits once at a time.
     */
    public void awaitRoom(HandOff from, long bytes, Runnable onRoom) {
        from.send(home.loop(), AWAIT_ROOM, this, from, onRoom, bytes);
    }

    private void await(HandOff from, Runnable onRoom, long bytes) {
        limits.await(this, from, bytes, onRoom);
        limits.tell(home.handOff(), life.deleted());
    }

    /** A publisher that was told of room has looked: what it did not use is for others. */
    void looked(long bytes) {
        if (limits.looked(bytes)) {
            wake();
        }
    }

    /** Does not run it any more, unless it is on its way. */
    public void awaitNoMore(HandOff from, Runnable onRoom) {
        from.send(home.loop(), AWAIT_NO_MORE, this, onRoom);
    }

    /** A message that nobody waits for was refused for want of room. Any thread. */
    public void turnedAway() {
        entries.counters().turnedAway();
    }

    /** Lets a message in that does not pass through the store; room was reserved with {@link #admit}. */
    public void enqueue(HandOff from, Message message, Overlay overlay) {
        message.body().hold();
        from.send(home.loop(), ENQUEUE, this, message, overlay, 0);
    }

    /** Lets a dead message in that does not pass through the store, whatever the limit. */
    public void enqueueDead(HandOff from, Message message, Overlay overlay) {
        message.body().hold();
        from.send(home.loop(), ENQUEUE_DEAD, this, message, overlay, 0);
    }

    @Override
    public void apply(StoreRecord record, long position) {
        assert home.loop().inLoop();
        if (record instanceof StoreRecord.Enqueue enqueue) {
            var publication = (Publication) enqueue.payload();
            if (position == MessageStore.UNWRITTEN) {
                publication.message().body().hold();
            }
            enter(publication.message(), withTtl(publication.overlay()), position, publication.reserved());
        } else if (record instanceof StoreRecord.Remove remove) {
            ((Decision) remove.payload()).applied();
        } else if (record instanceof StoreRecord.Amend amend) {
            ((Decision) amend.payload()).applied();
        } else if (record instanceof StoreRecord.Move move) {
            var burial = (Burial) move.payload();
            if (move.source() == this) {
                burial.applied();
            } else {
                enter(burial.entry.message(), withTtl(burial.died()), position, false);
            }
        } else if (record instanceof StoreRecord.Commit commit) {
            ((Commitment) commit.payload()).apply(this, position);
        }
    }

    Overlay withTtl(Overlay overlay) {
        long ttlMs = spec.ttlMs();
        // No time at all means now or never: now lasts from the moment of entering until it was offered to all
        // consumers.
        return home.expiry()
                .expiring(overlay, ttlMs == 0 ? Math.max(1, turns.stopTime() + 1 - overlay.arrivedAtMs()) : ttlMs);
    }

    /** A message comes in; if the store does not have it, its body is held for this queue. */
    void enter(Message message, Overlay overlay, long position, boolean reserved) {
        assert home.loop().inLoop();
        if (life.deleted() || (reserved && repeats(message, overlay, position))) {
            if (position == MessageStore.UNWRITTEN) {
                message.body().release();
            }
            return;
        }
        entries.enter(new Entry(message, overlay, position, false), reserved);
    }

    /** Whether a message came before, by its key; then it leaves at once. */
    private boolean repeats(Message message, Overlay overlay, long position) {
        MessageKey key = keys == null ? null : MessageKeys.of(message, overlay, this);
        if (keys == null || key == null || keys.enters(key)) {
            return false;
        }
        entries.counters().duplicates++;
        unadmit(message.size());
        settlement.forget(position);
        wake();
        return true;
    }

    /** Takes messages back that the store kept; those of a level in log order, before {@link #start}. */
    public void recovered(int level, StoredRun run) {
        StoredRun first = keys == null ? run : keys.first(run, settlement::forget);
        if (first.positions().length > 0) {
            entries.recover(level, first);
        }
    }

    /** The keys of messages that came before, or null where none are compared; others take them back before any message. */
    public @Nullable KeyWindow keys() {
        return keys;
    }

    /** A consumer held a message when the broker ended, and has a claim to it; before any of {@link #recovered(int, StoredRun)}. */
    public void recovered(ClaimRecord claim) {
        entries.claims().recovered(claim);
    }

    /** Nobody will come back for what is kept under a claim of the last run. Any thread. */
    public void renounce(String claim) {
        home.loop().execute(() -> {
            entries.claims().renounce(claim);
            seating().succeed();
        });
    }

    /** Consumers may have had what was recovered before the restart. */
    public void maybeSeen() {
        entries.maybeSeen();
    }

    /** Starts its clocks. On its home loop, once, after recovery or creation. */
    public void start() {
        assert home.loop().inLoop();
        life.used();
        entries.start();
        turns.start();
    }

    /** Looks at what is first in line from before the restart; how often {@code answered} will run, on the home loop. */
    int survey(Runnable answered) {
        return life.deleted() ? 0 : entries.survey(answered);
    }

    /** Opens a consumer; the stage completes on the loop of {@code from}, before its first delivery. */
    public CompletionStage<Consumer> open(ConsumerRequest request, HandOff from, Consumer.Listener listener) {
        var opened = new CompletableFuture<Consumer>();
        var consumer = new QueueConsumer(
                this,
                from,
                listener,
                request.mode().settled() && !request.mode().browse());
        boolean claims = request.claim() != null
                && spec.durable()
                && home.store().reads()
                && !request.mode().settled()
                && !request.mode().browse();
        if (claims && request.claim() != null) {
            consumer.claiming(
                    new Claiming(this, request.claim(), request.mode().exclusive(), home.store(), from, consumer));
        }
        var opening = new Opening(this, claims ? request : request.under(null), from, consumer, opened);
        from.send(home.loop(), Opening.ASK, opening, 0);
        return opened;
    }

    /** Its consumers' coming and going. */
    Seating seating() {
        return audience().seating();
    }

    /** Lets only this connection consume. Called before the queue is published, on any thread. */
    public void exclusiveTo(long connectionId) {
        audience().ring().owner(connectionId);
    }

    boolean consumed() {
        return consumers() > 0;
    }

    void flow(Seat seat, long limit, boolean drain) {
        if (!seat.closed()) {
            if (seat.draining) {
                home.handOff().send(seat.loop, QueueConsumer.DRAINED, seat.consumer, 0);
            }
            seat.flow(limit);
            audience().ring().drain(seat, drain);
            refresh(seat);
        }
    }

    /** A consumer does not take whatever is next any more. */
    void chooses(Seat seat) {
        audience().ring().chooses(seat);
    }

    void written(Seat seat, long bytes) {
        if (!seat.closed()) {
            seat.written(bytes);
            refresh(seat);
        }
    }

    private void refresh(Seat seat) {
        audience().ring().refresh(seat);
        wake();
    }

    void settle(Seat seat, Entry entry, Outcome outcome, boolean confirm) {
        if (!seat.closed()
                && !seat.request.mode().settled()
                && entry.holder == seat
                && entry.state == Entry.State.HELD) {
            entries.release(entry, seat);
            settlement.settle(entry, outcome, seat, confirm);
            wake();
        }
    }

    /** What a transaction, on the loop of that hand-off, does to entries of this queue. Any thread. */
    public Retirements retirements(HandOff from) {
        return new Retirements(this, home, from);
    }

    /** What a transaction is to do to an entry. Any thread. */
    Retired retired(Seat seat, Entry entry, Outcome outcome, @Nullable Outcome otherwise) {
        return new Retired(settlement, entry, seat, outcome, otherwise);
    }

    /** A transaction takes an entry over from its consumer; whether that still had it. */
    boolean retire(Seat seat, Entry entry) {
        boolean held = !seat.closed() && entry.holder == seat && entry.state == Entry.State.HELD;
        if (held) {
            entries.release(entry, seat);
        }
        return held;
    }

    /** So many deliveries in total reached a consumer that does not settle: these are gone. */
    void received(Seat seat, long total) {
        if (!seat.closed()) {
            settlement.received(seat, total);
            wake();
        }
    }

    /** Tells a consumer that an outcome is durable, if it waits for that. */
    void tell(@Nullable Seat seat, Entry entry, @Nullable Outcome outcome) {
        if (seat != null && outcome != null && !seat.closed()) {
            home.handOff().send(seat.loop, QueueConsumer.SETTLED, seat.consumer, entry, outcome, 0);
        }
    }

    void wake() {
        turns.wake();
    }

    /** What {@link Turns} gives it. */
    void turn() {
        long nowMs = turns.now();
        boolean more = entries.onTime(nowMs);
        if (audience != null) {
            more |= audience.dispatch().turn(nowMs);
        }
        settlement.submit();
        limits.tell(home.handOff(), false);
        entries.publish(name(), consumers());
        life.tell(consumed());
        turns.ended(more);
        turns.wakeAt(entries.nextAtMs());
    }

    /** A waiting entry dies of itself; no consumer is to blame. */
    void die(Entry entry, DeathReason reason) {
        settlement.die(entry, reason);
    }

    /** Removes what no consumer holds; completes on the home loop with the number, when that is durable. */
    public CompletionStage<Long> purge() {
        var purged = new CompletableFuture<Long>();
        home.loop().execute(() -> new Purge(entries, settlement, home.loop(), purged).run());
        return purged;
    }

    /**
     * Ends the queue: from the moment it is decided no consumer opens and nothing enters, consumers are closed with
     * {@code reason}, waiting publishers are told, messages are forgotten. What the store has of it the caller forgets,
     * with a {@link StoreRecord.Drop}.
     *
     * @return completes on the home loop with the number of messages; exceptionally with
     *     {@link io.turnstone.api.RefusedException} when {@code when} does not hold
     */
    public CompletionStage<Long> delete(Refusal reason, DeleteIf when) {
        return home.execute(() -> life.deleted() ? 0L : end(reason, when));
    }

    private long end(Refusal reason, DeleteIf when) {
        long messages = entries.counters().messages();
        boolean used = consumed() && (when == DeleteIf.UNUSED || when == DeleteIf.EMPTY_AND_UNUSED);
        if (used || (messages > 0 && (when == DeleteIf.EMPTY || when == DeleteIf.EMPTY_AND_UNUSED))) {
            String what = used ? " has consumers: close them first" : " has messages: purge it first";
            throw new RefusedException(Condition.PRECONDITION_FAILED, "queue '" + name() + "'" + what);
        }
        life.delete();
        if (audience != null) {
            audience.seating().endAll(reason);
        }
        turns.stop();
        settlement.clear();
        entries.forget();
        limits.tell(home.handOff(), true);
        entries.publish(name(), 0);
        return messages;
    }

    /** Changes what can change live: ttl, expires, limit, retry, dead letter; for messages that come later. */
    public CompletionStage<Void> reconfigure(QueueSpec changed) {
        return home.execute(() -> {
            spec = changed;
            limits.change(changed.limit(), entries.counters());
            entries.dropExcess();
            life.changed();
            wake();
            return null;
        });
    }

    /** Counts as use: somebody declared the queue again, so {@code expires} starts anew. Any thread. */
    public void touch() {
        home.loop().execute(life::used);
    }
}
