package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.Transaction;
import io.turnstone.api.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A consumer as its link sees it. The other half, on the queue's home loop, is its {@link Seat}; what the two say to each
 * other goes through the loops' hand-offs, in order. Owned by the loop that opened it.
 */
public final class QueueConsumer implements Consumer {

    /** A delivery arrives. */
    static final HandOff.Step<QueueConsumer, Delivery, Object> DELIVER =
            (consumer, delivery, b, n) -> consumer.deliver(delivery);

    /** The answer to a drain arrives. */
    static final HandOff.Step<QueueConsumer, Object, Object> DRAINED = (consumer, a, b, n) -> consumer.drained();

    /** It gets messages from now on, or waits in line. */
    static final HandOff.Step<QueueConsumer, Object, Object> ACTIVE = (consumer, a, b, n) -> consumer.active(n != 0);

    /** An outcome is durable. */
    static final HandOff.Step<QueueConsumer, Entry, Outcome> SETTLED =
            (consumer, entry, outcome, n) -> consumer.settled(entry, outcome);

    /** The queue ended the consumer. */
    static final HandOff.Step<QueueConsumer, Refusal, Object> ENDED =
            (consumer, reason, b, n) -> consumer.ended(reason);

    private static final Logger LOG = LogManager.getLogger(QueueConsumer.class);

    private static final HandOff.Step<QueueConsumer, Object, Object> FLOW =
            (consumer, a, b, n) -> consumer.queue.flow(consumer.seat(), n, false);
    private static final HandOff.Step<QueueConsumer, Object, Object> DRAIN =
            (consumer, a, b, n) -> consumer.queue.flow(consumer.seat(), n, true);
    private static final HandOff.Step<QueueConsumer, Object, Object> WRITTEN =
            (consumer, a, b, n) -> consumer.queue.written(consumer.seat(), n);
    private static final HandOff.Step<QueueConsumer, Object, Object> RECEIVED =
            (consumer, a, b, n) -> consumer.queue.received(consumer.seat(), n);
    private static final HandOff.Step<QueueConsumer, Entry, Outcome> SETTLE =
            (consumer, entry, outcome, n) -> consumer.queue.settle(consumer.seat(), entry, outcome, n != 0);
    private static final HandOff.Step<QueueConsumer, Object, Object> CLOSE =
            (consumer, a, b, n) -> consumer.queue.seating().close(consumer.seat(), n, false);
    private static final HandOff.Step<QueueConsumer, Object, Object> LOST =
            (consumer, a, b, n) -> consumer.queue.seating().close(consumer.seat(), n, true);

    private static final HandOff.Step<QueueConsumer, Object, Object> SUSPEND =
            (consumer, a, b, n) -> consumer.queue.seating().suspend(consumer.seat());

    private final MessageQueue queue;
    private final HandOff handOff;
    private final Listener listener;
    private @Nullable Seat seat;
    /** Deliveries that were made before it took the seat over. */
    private long before;

    private long received;
    private boolean closed;
    private boolean suspended;

    /** Reports at the end of the turn what arrived, when the queue waits for that and not for outcomes. */
    private final @Nullable Runnable report;

    private boolean reporting;

    /** Where deliveries wait until they are claimed, if it has a claim. */
    private @Nullable Claiming claiming;

    private List<Delivery> claimed = List.of();

    /**
     * A consumer on the loop of {@code handOff}.
     *
     * @param settled whether deliveries are removed as soon as they arrive
     */
    QueueConsumer(MessageQueue queue, HandOff handOff, Listener listener, boolean settled) {
        report = settled && handOff.loop() != queue.home() ? this::report : null;
        this.queue = queue;
        this.handOff = handOff;
        this.listener = listener;
    }

    /**
     * Takes over the seat of a suspended consumer.
     *
     * @param from the hand-off of the loop that calls, where the listener lives
     */
    public static CompletionStage<Consumer> resume(Consumer suspended, Peer peer, HandOff from, Listener listener) {
        var old = (QueueConsumer) suspended;
        var opened = new CompletableFuture<Consumer>();
        var consumer = new QueueConsumer(old.queue, from, listener, false);
        consumer.claiming = old.claiming == null ? null : old.claiming.by(consumer, from);
        from.send(old.queue.home(), Resuming.ASK, new Resuming(old.queue, old, consumer, peer, from, opened), 0);
        return opened;
    }

    /** Lets it hold what it gets over restarts; before it opens. */
    void claiming(Claiming under) {
        claiming = under;
    }

    /** It holds these from before the restart; set by the home loop before it opens. */
    void holds(List<Delivery> before) {
        claimed = before;
    }

    /** Its other half; set and read by the home loop. */
    void seat(Seat opened) {
        seat = opened;
    }

    /** So many deliveries were made before it took the seat over. */
    void resumed(long delivered) {
        before = delivered;
        received = delivered;
    }

    Seat seat() {
        Seat present = seat;
        if (present == null) {
            throw new IllegalStateException("a consumer of queue '" + queue.name() + "' was used before it was open");
        }
        return present;
    }

    @Override
    public String queue() {
        return queue.name();
    }

    @Override
    public boolean claims() {
        return claiming != null;
    }

    @Override
    public List<Delivery> claimed() {
        List<Delivery> once = claimed;
        claimed = List.of();
        return once;
    }

    @Override
    public void flow(long limit, boolean drain) {
        if (!closed) {
            handOff.send(queue.home(), drain ? DRAIN : FLOW, this, before + limit);
        }
    }

    @Override
    public void written(long bytes) {
        if (!closed) {
            handOff.send(queue.home(), WRITTEN, this, bytes);
        }
    }

    @Override
    public void settle(Delivery delivery, Outcome outcome, boolean confirm) {
        if (!closed && delivery instanceof Entry entry) {
            handOff.send(queue.home(), SETTLE, this, entry, outcome, confirm ? 1 : 0);
        }
    }

    @Override
    public void settle(Delivery delivery, Outcome outcome, Transaction within, @Nullable Outcome otherwise) {
        if (closed || !(delivery instanceof Entry entry)) {
            return;
        }
        Retirements retirements = ((Retiring) within).in(queue);
        if (retirements != null) {
            retirements.retire(queue.retired(seat(), entry, outcome, otherwise));
        } else if (otherwise != null) {
            settle(delivery, otherwise, false);
        }
    }

    @Override
    public void suspend() {
        if (!closed && !suspended) {
            suspended = true;
            handOff.send(queue.home(), SUSPEND, this, 0);
            if (claiming != null) {
                claiming.giveUp(this::giveBack);
            }
        }
    }

    @Override
    public void close(boolean lost) {
        if (!closed) {
            closed = true;
            if (claiming != null) {
                claiming.giveUp(unseen -> {}); // the queue takes all back; no claim may come behind that
            }
            handOff.send(queue.home(), lost ? LOST : CLOSE, this, received);
        }
    }

    /** What arrives after the end is not told: the queue takes back whatever this consumer holds. */
    private void deliver(Delivery delivery) {
        assert handOff.loop().inLoop();
        if (closed) {
            return;
        }
        if (suspended) {
            giveBack((Entry) delivery);
        } else if (claiming != null) {
            claiming.add((Entry) delivery);
        } else {
            handOn(delivery);
        }
    }

    private void giveBack(Entry unseen) {
        handOff.send(queue.home(), SETTLE, this, unseen, Outcome.RELEASED, 0);
    }

    /** It stands in the store that a delivery is its own; null for the answer to a drain. */
    void claimed(@Nullable Entry entry) {
        if (entry == null) {
            tellDrained();
        } else if (!closed) {
            handOn(entry);
        }
    }

    /** The store does not keep that deliveries are its own: it must not have them. */
    void notClaimed(StoreException failure) {
        if (!closed) {
            close(false);
            tellClosed(failure.refusal("the store cannot write what this link holds, which returns to its queue"));
        }
    }

    private void handOn(Delivery delivery) {
        received++;
        if (report != null && !reporting) {
            reporting = true;
            handOff.loop().atEndOfTurn(report);
        }
        try {
            listener.deliver(delivery);
        } catch (RuntimeException | Error failure) {
            failed(failure);
        }
    }

    private void report() {
        reporting = false;
        if (!closed) {
            handOff.send(queue.home(), RECEIVED, this, received);
        }
    }

    private void drained() {
        if (claiming == null || !claiming.drains()) {
            tellDrained();
        }
    }

    private void tellDrained() {
        if (!closed && !suspended) {
            try {
                listener.drained();
            } catch (RuntimeException | Error failure) {
                failed(failure);
            }
        }
    }

    private void active(boolean now) {
        if (!closed && !suspended) {
            try {
                listener.active(now);
            } catch (RuntimeException | Error failure) {
                failed(failure);
            }
        }
    }

    private void settled(Entry entry, Outcome outcome) {
        if (!closed) {
            try {
                listener.settled(entry, outcome);
            } catch (RuntimeException | Error failure) {
                failed(failure);
            }
        }
    }

    private void ended(Refusal reason) {
        if (!closed) {
            closed = true;
            tellClosed(reason);
        }
    }

    private void tellClosed(Refusal reason) {
        try {
            listener.closed(reason);
        } catch (RuntimeException | Error failure) {
            LOG.error("queue={} a consumer failed at its end", queue.name(), failure);
        }
    }

    /** A defect of its filter costs this consumer, not the queue. On the queue's home loop, in a turn of the queue. */
    void filterFailed(RuntimeException failure) {
        LOG.error("queue={} a filter failed, its consumer is closed", queue.name(), failure);
        var reason = new Refusal(Condition.INTERNAL, "the filter of this consumer failed; see the broker's log");
        queue.home().execute(() -> queue.seating().end(seat, reason));
    }

    /** A defect of the receiving end costs this consumer, not the queue. */
    private void failed(Throwable failure) {
        LOG.error("queue={} a consumer failed and is closed", queue.name(), failure);
        if (!closed) {
            close(true);
            tellClosed(new Refusal(Condition.INTERNAL, "the consumer failed; see the broker's log"));
        }
    }
}
