package io.turnstone.api;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The queues, exchanges and bindings of the broker.
 *
 * <p>Changes run one after another on one loop, are durable when their stage completes, and publish a new immutable
 * snapshot; reads see the latest snapshot. Every stage may complete exceptionally with {@link RefusedException}.
 *
 * <p><b>Threads:</b> any; stages complete on a loop of the broker.
 */
public interface Topology {

    /** Makes a queue; succeeds without change when an equal one exists, refused ({@code PRECONDITION_FAILED}, naming
     * the keys that differ) when a different one does. */
    CompletionStage<Declared> declareQueue(QueueSpec spec, Owner owner);

    /**
     * The same on behalf of a connection, as {@link Owner#CLIENT}: an {@code exclusive} queue is that connection's and
     * goes with it (refused without a connection; {@code RESOURCE_LOCKED} for another one).
     */
    CompletionStage<Declared> declareQueue(QueueSpec spec, Peer peer);

    /** Makes an exchange; the same rules. */
    CompletionStage<Declared> declareExchange(ExchangeSpec spec, Owner owner);

    /** Makes a binding; succeeds without change when it exists. */
    CompletionStage<Declared> bind(Binding binding, Owner owner);

    /** Removes a binding; succeeds when there is none. */
    CompletionStage<Void> unbind(Binding binding);

    /** Deletes a queue with its messages; the stage carries how many there were (0 when the queue was absent). */
    CompletionStage<Long> deleteQueue(String name, DeleteMode mode);

    /** Deletes an exchange and the bindings from and to it; succeeds when there is none. */
    CompletionStage<Void> deleteExchange(String name, DeleteMode mode);

    /**
     * Ends a subscription with what it has kept: refused ({@code NOT_FOUND}) when there is none and ({@code
     * RESOURCE_LOCKED}) while somebody consumes from it.
     */
    CompletionStage<Void> unsubscribe(Subscription.Key key);

    /** The subscription of that container and name, as it was made; its other traits need not be those of the key. */
    Optional<Subscription> subscription(Subscription.Key key);

    /** Removes the messages of a queue that no consumer holds; the stage carries how many. */
    CompletionStage<Long> purge(String queue);

    /** How a queue is doing now, asked on its home loop; refused ({@code NOT_FOUND}) when there is none. */
    CompletionStage<QueueStatus> status(String queue);

    /** A queue's specification. */
    Optional<QueueSpec> queue(String name);

    /** An exchange's specification. */
    Optional<ExchangeSpec> exchange(String name);

    /** All queues. */
    Collection<QueueSpec> queues();

    /** All exchanges. */
    Collection<ExchangeSpec> exchanges();

    /** The bindings from one exchange. */
    Collection<Binding> bindings(String exchange);

    /** Whether something was made or was there. */
    enum Declared {
        CREATED,
        EXISTED
    }

    /** Who owns a piece of topology, and hence who may change it. */
    enum Owner {
        /** Declared in the configuration file; only a changed file changes it. */
        CONFIG,
        /** Declared by a client while running. */
        CLIENT
    }

    /** What must hold for something to be deleted. */
    enum DeleteMode {
        /** Always. */
        ALWAYS,
        /** Only without messages and consumers (queue) or bindings (exchange); else refused. */
        IF_EMPTY_AND_UNUSED
    }
}
