package io.turnstone.router;

import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.exchange.ExchangeCounters;
import io.turnstone.router.queue.HandOff;
import io.turnstone.router.queue.HeapShare;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.QueueEntry;
import io.turnstone.router.topology.Reserved;
import io.turnstone.router.topology.Route;
import io.turnstone.router.topology.RouteFinder;
import io.turnstone.router.topology.Snapshot;
import io.turnstone.router.topology.TopologyState;
import io.turnstone.router.topology.TransactionLimits;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the router keeps for one loop: its publishers, the routes it remembers, its counters. Owned by that loop;
 * {@link #counters} are read by any thread.
 */
final class RouterLoop {

    /** Routes and queues remembered, each; beyond it all are forgotten, which costs finding them again. */
    private static final int MAX_REMEMBERED = 8_192;

    /** Longer keys are routed but not remembered, so that what is remembered is bounded in bytes too. */
    private static final int MAX_REMEMBERED_KEY = 256;

    /**
     * What may be on its way to the store before the publishers of this loop pause: the store commits far more than
     * this in the time that a pause takes, so it costs no speed, and a publisher faster than the disk no heap.
     */
    private static final long MOST_BYTES_IN_FLIGHT = 32 << 20;

    /** What closed publishers may leave behind on one loop that waits for room, in bytes. */
    private static final long MAX_LEFT_BYTES = 64 << 20;

    private final Loop loop;
    private final HandOff handOff;
    private final TopologyState state;
    private final boolean topics;
    private final ExchangeCounters counters = new ExchangeCounters();
    private final RouteFinder finder = new RouteFinder();
    private final Map<String, Map<String, Route>> routes = new HashMap<>();
    private final Map<String, Target.ToQueue> queues = new HashMap<>();
    private final Map<Object, Set<LinkPublisher>> publishers = new HashMap<>();
    private final Dropped dropped;
    private final Runnable turned = this::turned;
    private Snapshot routesOf = Snapshot.EMPTY;
    private int remembered;
    private boolean handedOver;
    private long turn = 1;
    private boolean pressed;
    private boolean stopping;
    private int inFlight;
    private long bytesInFlight;
    private boolean choked;
    private long leftBytes;
    private final OpenTransactions transactions;
    private final Runnable tellFlow = this::tellFlow;

    /**
     * What is kept for a loop.
     *
     * @param topics whether topics come into being by being used
     */
    RouterLoop(
            Loop loop,
            HandOff handOff,
            TopologyState state,
            MessageStore store,
            TransactionLimits limits,
            boolean topics) {
        this.topics = topics;
        this.loop = loop;
        this.handOff = handOff;
        this.state = state;
        dropped = new Dropped(loop);
        transactions = new OpenTransactions(this, store, limits);
    }

    Loop loop() {
        return loop;
    }

    HandOff handOff() {
        return handOff;
    }

    ExchangeCounters counters() {
        return counters;
    }

    Dropped dropped() {
        return dropped;
    }

    OpenTransactions transactions() {
        return transactions;
    }

    // ---- Routes

    /** Where a message of this publisher goes; null when there is no such exchange. */
    @Nullable
    Route route(String exchange, String key, Message message, Peer publisher) {
        Snapshot now = state.snapshot();
        if (now != routesOf) {
            routes.clear();
            remembered = 0;
            routesOf = now;
        }
        Map<String, Route> ofExchange = routes.get(exchange);
        Route known = ofExchange == null ? null : ofExchange.get(key);
        return known != null ? known : find(now, exchange, key, message, publisher);
    }

    private @Nullable Route find(Snapshot now, String name, String key, Message message, Peer publisher) {
        Exchange exchange = now.exchange(name);
        if (exchange == null) {
            return null;
        }
        Route route = finder.from(publisher).find(now, state.queues(), exchange, key, message);
        if (route.byKeyAlone() && key.length() <= MAX_REMEMBERED_KEY) {
            if (remembered >= MAX_REMEMBERED) {
                routes.clear();
                remembered = 0;
            }
            remembered++;
            routes.computeIfAbsent(name, first -> new HashMap<>()).put(key, route);
        }
        return route;
    }

    /** A queue as a target; null when there is none. */
    Target.@Nullable ToQueue queue(String name) {
        QueueEntry entry = state.queue(name);
        if (entry == null) {
            return null;
        }
        Target.ToQueue known = queues.get(name);
        if (known == null || known.queue() != entry.queue()) {
            if (queues.size() >= MAX_REMEMBERED) {
                queues.clear();
            }
            known = Target.ToQueue.of(entry.queue());
            queues.put(name, known);
        }
        return known;
    }

    /** A topic as a target, whether it is there or comes with its first subscriber; null when it may not. */
    Target.@Nullable ToExchange topic(String name) {
        boolean may = topics && !name.startsWith(Reserved.PREFIX);
        return may || state.exchange(name) != null ? new Target.ToExchange(name, null, Map.of(), true) : null;
    }

    /** An exchange that takes messages from publishers; null when there is none. */
    @Nullable
    Exchange exchange(String name) {
        return state.exchange(name);
    }

    // ---- Order between what is handed over directly and what goes through the store

    /**
     * Takes notice that a message was handed to another loop outside of the store. The batch it is in leaves at the end
     * of this turn; a record submitted before that could arrive first.
     *
     * @return the number of this turn
     */
    long handedOver() {
        if (!handedOver) {
            handedOver = true;
            loop.execute(turned);
        }
        return turn;
    }

    private void turned() {
        handedOver = false;
        turn++;
    }

    /** Changes after each turn in which messages were {@linkplain #handedOver handed over}. */
    long turn() {
        return turn;
    }

    /** A record that takes so many bytes of the heap is on its way to the store. */
    void submitted(long bytes) {
        inFlight++;
        bytesInFlight += bytes + HeapShare.MESSAGE_BYTES;
        if (!choked && bytesInFlight > MOST_BYTES_IN_FLIGHT) {
            choked = true;
            loop.atEndOfTurn(tellFlow);
        }
    }

    /** The store has answered it. */
    void answered(long bytes) {
        inFlight--;
        bytesInFlight -= bytes + HeapShare.MESSAGE_BYTES;
        if (choked && bytesInFlight <= MOST_BYTES_IN_FLIGHT / 2) {
            choked = false;
            loop.atEndOfTurn(tellFlow);
        }
    }

    /** Records of publishers that the store has not answered. */
    int inFlight() {
        return inFlight;
    }

    // ---- Publishers

    void add(LinkPublisher publisher) {
        publishers
                .computeIfAbsent(publisher.key(), key -> new LinkedHashSet<>())
                .add(publisher);
    }

    void remove(LinkPublisher publisher) {
        publishers.computeIfPresent(publisher.key(), (key, all) -> {
            all.remove(publisher);
            return all.isEmpty() ? null : all;
        });
    }

    /** Ends what is left of an exchange here: its publishers and its counters. */
    void gone(Exchange exchange, Refusal reason) {
        end(exchange.name(), reason);
        counters.reset(exchange.number());
    }

    /** Ends the publishers of a queue, and forgets it: its memory would be taken as long as it is remembered. */
    void gone(MessageQueue queue, Refusal reason) {
        end(queue, reason);
        queues.remove(queue.name());
    }

    private void end(Object key, Refusal reason) {
        for (LinkPublisher publisher : List.copyOf(publishers.getOrDefault(key, Set.of()))) {
            publisher.ended(reason);
        }
    }

    /**
     * Closed publishers leave more behind (or, negative, less) that waits for room in full queues; false when that is too
     * much, and nothing has changed.
     */
    boolean left(long bytes) {
        if (bytes > 0 && leftBytes + bytes > MAX_LEFT_BYTES) {
            return false;
        }
        leftBytes += bytes;
        return true;
    }

    /** Whether publishers pause because memory or the store is short. */
    boolean pressed() {
        return pressed || choked;
    }

    void pressed(boolean now) {
        pressed = now;
        tellFlow();
    }

    private void tellFlow() {
        everyPublisher().forEach(LinkPublisher::tellFlow);
    }

    boolean stopping() {
        return stopping;
    }

    /** From now on nothing is taken in. */
    void stop() {
        stopping = true;
        tellFlow();
    }

    private List<LinkPublisher> everyPublisher() {
        return publishers.values().stream().flatMap(Set::stream).toList();
    }
}
