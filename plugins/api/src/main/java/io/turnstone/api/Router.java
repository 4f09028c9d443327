package io.turnstone.api;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The core of the broker as a protocol front end sees it: exchanges and queues behind publishers and consumers.
 *
 * <p>Permissions, auto-creation and interceptors are applied here, so every protocol has the same rules.
 *
 * <p><b>Threads:</b> methods that take a {@link Loop} are called on it, and their results complete on it.
 */
public interface Router {

    /**
     * Opens a way in.
     *
     * @return completes on {@code loop}, exceptionally with {@link RefusedException}
     */
    CompletionStage<Publisher> openPublisher(Address target, Peer peer, Loop loop, Publisher.Listener listener);

    /**
     * Opens a way out.
     *
     * @return completes on {@code loop}, exceptionally with {@link RefusedException}; the first delivery comes later
     */
    CompletionStage<Consumer> openConsumer(ConsumerRequest request, Loop loop, Consumer.Listener listener);

    /**
     * Gives a {@linkplain Consumer#suspend suspended} consumer, with what it holds, to a new link, perhaps on another loop.
     * The old object must not be used any more; it may still be told what was on its way.
     *
     * @param suspended of the same user as {@code peer}
     * @return completes on {@code loop}, exceptionally with {@link RefusedException} when its queue is gone; its deliveries
     *     are counted from 0 again
     */
    CompletionStage<Consumer> resumeConsumer(Consumer suspended, Peer peer, Loop loop, Consumer.Listener listener);

    /**
     * Begins a transaction in which publishers and consumers of this connection, on this loop, may work.
     *
     * @throws RefusedException when the connection has too many open, or the broker is stopping
     */
    Transaction begin(Peer peer, Loop loop, Transaction.Listener listener);

    /**
     * Keeps a small fact in the store, or forgets it: what a front end has to know again after a restart. On {@code loop}.
     *
     * @param name among all that are kept; at most 32 KiB
     * @param value its encoding, or null to forget it
     */
    void keep(String name, byte @Nullable [] value, Loop loop);

    /** What was kept, and not forgotten, when the broker started. Any thread. */
    Map<String, byte[]> kept();

    /** The claims of consumers of the last run that held something when the broker ended: note by name. Any thread. */
    default Map<String, byte[]> claims() {
        return Map.of();
    }

    /** Nobody will come back for a claim of the last run: what is still held under it returns to its queues. Any thread. */
    default void renounce(String claim) {}

    /** Says that a connection is gone: its exclusive queues are deleted. Its links were closed before. */
    void disconnected(Peer peer);

    /** Queues, exchanges and bindings: look and change. */
    Topology topology();

    /**
     * The same on behalf of a peer: what it makes is {@link Topology.Owner#CLIENT}'s and its own, and whatever its user
     * may not do is refused ({@link Condition#UNAUTHORIZED}, with the facts {@code action} and {@code address}).
     */
    Topology topology(Peer peer);
}
