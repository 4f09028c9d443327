package io.turnstone.router;

import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.Subscription;
import io.turnstone.api.Transaction;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.router.queue.MessageQueue;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A consumer with something on top: annotations that interceptors add, and a queue that goes with it. Owned by the loop
 * of its link.
 */
final class OutgoingConsumer implements Consumer, Consumer.Listener {

    private static final Logger log = LogManager.getLogger(OutgoingConsumer.class);

    /** A delivery with annotations of its own. */
    private record Annotated(Delivery original, Overlay overlay) implements Delivery {
        @Override
        public Message message() {
            return original.message();
        }

        @Override
        public boolean firstAcquirer() {
            return original.firstAcquirer();
        }

        @Override
        public long position() {
            return original.position();
        }
    }

    private final Listener listener;
    private final List<DeliveryInterceptor> interceptors;
    private final MessageQueue queue;
    private final Peer peer;
    private final IdentityHashMap<Delivery, Annotated> unconfirmed = new IdentityHashMap<>();
    private @Nullable Consumer consumer;
    private @Nullable Subscription subscription;
    private Runnable end = () -> {};
    private Runnable unsubscribing = () -> {};
    private boolean closed;

    OutgoingConsumer(Listener listener, List<DeliveryInterceptor> interceptors, MessageQueue queue, Peer peer) {
        this.listener = listener;
        this.interceptors = interceptors;
        this.queue = queue;
        this.peer = peer;
    }

    /** Becomes the outside of a consumer; {@code atEnd} is run when it closes. */
    Consumer around(Consumer inner, Runnable atEnd) {
        consumer = inner;
        end = atEnd;
        return this;
    }

    /** Becomes the outside of a consumer that takes from a subscription; {@code unsubscribe} ends that. */
    Consumer subscribed(Consumer inner, Subscription to, Runnable unsubscribe) {
        subscription = to;
        unsubscribing = unsubscribe;
        return around(inner, () -> {});
    }

    /** The same for another listener; to be put around the consumer that is resumed. */
    OutgoingConsumer resumed(Listener other, Peer itsPeer) {
        return new OutgoingConsumer(other, interceptors, queue, itsPeer);
    }

    /** What is run when it closes. */
    Runnable atEnd() {
        return end;
    }

    /** The subscription it takes from, if it is one. */
    @Nullable
    Subscription subscription() {
        return subscription;
    }

    /** The queue it takes from. */
    MessageQueue from() {
        return queue;
    }

    /** What it is around. */
    Consumer inner() {
        if (consumer == null) {
            throw new IllegalStateException("not open yet");
        }
        return consumer;
    }

    @Override
    public String queue() {
        return queue.name();
    }

    @Override
    public boolean claims() {
        return inner().claims();
    }

    @Override
    public List<Delivery> claimed() {
        return inner().claimed().stream().map(this::annotated).toList();
    }

    @Override
    public void flow(long limit, boolean drain) {
        inner().flow(limit, drain);
    }

    @Override
    public void written(long bytes) {
        inner().written(bytes);
    }

    @Override
    public void settle(Delivery delivery, Outcome outcome, boolean confirm) {
        inner().settle(original(delivery, confirm), outcome, confirm);
    }

    @Override
    public void settle(Delivery delivery, Outcome outcome, Transaction within, @Nullable Outcome otherwise) {
        inner().settle(original(delivery, otherwise == null), outcome, within, otherwise);
    }

    private Delivery original(Delivery delivery, boolean confirm) {
        if (!(delivery instanceof Annotated annotated)) {
            return delivery;
        }
        if (confirm) {
            unconfirmed.put(annotated.original, annotated);
        } else { // a transaction may have asked for it, and given the delivery back
            unconfirmed.remove(annotated.original);
        }
        return annotated.original;
    }

    @Override
    public void suspend() {
        inner().suspend();
    }

    @Override
    public void close(boolean lost) {
        if (!closed) {
            closed = true;
            inner().close(lost);
            end.run();
        }
    }

    @Override
    public void unsubscribe() {
        if (!closed) {
            close(false);
            unsubscribing.run();
        }
    }

    @Override
    public void deliver(Delivery delivery) {
        listener.deliver(annotated(delivery));
    }

    private Delivery annotated(Delivery delivery) {
        Map<String, Object> added = null;
        for (DeliveryInterceptor interceptor : interceptors) {
            Map<String, Object> more = ask(interceptor, delivery);
            if (!more.isEmpty()) {
                added = added == null ? new HashMap<>() : added;
                added.putAll(more);
            }
        }
        return added == null ? delivery : new Annotated(delivery, with(delivery.overlay(), added));
    }

    private Map<String, Object> ask(DeliveryInterceptor interceptor, Delivery delivery) {
        try {
            return Objects.requireNonNull(interceptor.intercept(delivery, queue.name(), peer), "no annotations");
        } catch (RuntimeException | LinkageError e) {
            log.error(
                    "interceptor={} failed; the delivery goes on",
                    interceptor.getClass().getName(),
                    e);
            return Map.of();
        }
    }

    private static Overlay with(Overlay overlay, Map<String, Object> added) {
        return overlay.returned(overlay.attempts(), overlay.deliveryCount(), overlay.availableAtMs(), added);
    }

    @Override
    public void drained() {
        listener.drained();
    }

    @Override
    public void active(boolean now) {
        listener.active(now);
    }

    @Override
    public void settled(Delivery delivery, Outcome outcome) {
        Annotated annotated = unconfirmed.remove(delivery);
        listener.settled(annotated == null ? delivery : annotated, outcome);
    }

    @Override
    public void closed(Refusal reason) {
        if (!closed) {
            closed = true;
            end.run();
            listener.closed(reason);
        }
    }
}
