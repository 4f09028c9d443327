package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Router;
import io.turnstone.api.Topology;
import io.turnstone.api.Transaction;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.exchange.ExchangeCounters;
import io.turnstone.router.exchange.ExchangeTypes;
import io.turnstone.router.queue.AgeSurvey;
import io.turnstone.router.queue.EntryReader;
import io.turnstone.router.queue.HandOff;
import io.turnstone.router.queue.HeapShare;
import io.turnstone.router.queue.Lifecycle;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.QueueHome;
import io.turnstone.router.queue.SharedExpiry;
import io.turnstone.router.topology.ApplyReport;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.DeadLetterRouting;
import io.turnstone.router.topology.DeclarationApply;
import io.turnstone.router.topology.DeclaredTopology;
import io.turnstone.router.topology.Definitions;
import io.turnstone.router.topology.LiveTopology;
import io.turnstone.router.topology.QueueEntry;
import io.turnstone.router.topology.QueueFactory;
import io.turnstone.router.topology.Recovered;
import io.turnstone.router.topology.TopologyState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The core of the broker: exchanges and queues on a given set of loops and one store.
 *
 * <p>The topology lives on the first loop; queues live on all of them.
 *
 * <p><b>Threads:</b> {@link #start} on the thread that starts the broker, before the loops serve anything else; the
 * methods of {@link Router} as documented there; everything else from any thread.
 */
public final class RouterCore implements Router {

    private static final long STOP_INTERVAL_MS = 5;

    private final RouterSettings settings;
    private final TopologyState state;
    private final Changes changes;
    private final QueueFactory factory;
    private final List<RouterLoop> loops = new ArrayList<>();
    private final List<QueueHome> homes = new ArrayList<>();
    private final Announcements announcements;
    private final LiveTopology topology;
    private final Links links;
    private final Publishing publishing;
    private final Pressure pressure;
    private final MessageStore store;
    private Map<String, byte[]> kept = Map.of();
    private LastClaims claims = LastClaims.NONE;
    private long unreadable;

    /**
     * Reads back what the store kept and is ready to serve.
     *
     * @param loops the broker's loops, in the order of their index
     * @param store opened, and not recovered yet
     */
    public static RouterCore start(RouterSettings settings, List<Loop> loops, MessageStore store) {
        var core = new RouterCore(settings, loops, store);
        var recovered = new Recovered(core.state, core.factory);
        store.recover(recovered);
        core.unreadable = recovered.unreadable();
        core.kept = recovered.kept();
        core.claims = LastClaims.of(recovered, core.state);
        core.startQueues();
        Loop first = loops.get(0);
        first.execute(core.pressure::watch);
        first.execute(() -> recovered.pointless().forEach(record -> store.submit(record, first, null)));
        return core;
    }

    private RouterCore(RouterSettings settings, List<Loop> loops, MessageStore store) {
        this.settings = settings;
        this.store = store;
        state = new TopologyState(new ExchangeTypes(settings.exchangeTypes()));
        announcements = new Announcements(settings.events(), this.loops);
        Loop first = loops.get(0);
        changes = new Changes(first, store);
        var deadLetters = new DeadLetterRouting(state, announcements::happened);
        Lifecycle lifecycle = this::unused;
        for (Loop loop : loops) {
            var handOff = new HandOff(loop, loops.size());
            var share = new HeapShare(loop, settings.memoryBudgetBytes() / loops.size());
            var reader = new EntryReader(loop, store, settings.formats());
            homes.add(new QueueHome(
                    loop,
                    handOff,
                    store,
                    deadLetters,
                    lifecycle,
                    new SplittableRandom(),
                    share,
                    reader,
                    new SharedExpiry(),
                    settings.limits().held()));
            this.loops.add(new RouterLoop(
                    loop, handOff, state, store, settings.limits().transactions(), settings.autoCreateQueues()));
        }
        factory = new QueueFactory(homes, settings.limits().temporaryQueue(), settings.formats());
        topology = new LiveTopology(state, changes, factory, settings.limits(), announcements);
        deadLetters.maker(topology::declareQueue);
        publishing = new Publishing(
                store,
                settings.authorizer(),
                settings.publishInterceptors(),
                deadLetters,
                settings.formats(),
                settings.limits().heldPerPublisher(),
                settings.limits().maxDelayMs());
        links = new Links(topology, publishing, settings.deliveryInterceptors(), settings.autoCreateQueues());
        pressure = new Pressure(first, homes, store, settings.memoryBudgetBytes(), this.loops);
    }

    private void startQueues() {
        var queues = state.queueList();
        for (QueueHome home : homes) {
            var here = queues.stream()
                    .map(QueueEntry::queue)
                    .filter(queue -> queue.home() == home.loop())
                    .toList();
            if (!here.isEmpty()) {
                home.loop().execute(() -> {
                    here.forEach(MessageQueue::start);
                    AgeSurvey.begin(home.loop(), here);
                });
            }
        }
    }

    private void unused(MessageQueue queue) {
        topology.unused(queue);
    }

    @Override
    public CompletionStage<Publisher> openPublisher(Address target, Peer peer, Loop loop, Publisher.Listener listener) {
        assert loop.inLoop();
        RouterLoop here = loops.get(loop.index());
        return Links.opened(here, () -> links.openPublisher(target, peer, here, listener));
    }

    @Override
    public CompletionStage<Consumer> openConsumer(ConsumerRequest request, Loop loop, Consumer.Listener listener) {
        assert loop.inLoop();
        RouterLoop here = loops.get(loop.index());
        return Links.opened(here, () -> links.openConsumer(request, here, listener));
    }

    @Override
    public CompletionStage<Consumer> resumeConsumer(
            Consumer suspended, Peer peer, Loop loop, Consumer.Listener listener) {
        assert loop.inLoop();
        RouterLoop here = loops.get(loop.index());
        return Links.opened(here, () -> links.resumeConsumer(suspended, peer, here, listener));
    }

    @Override
    public Transaction begin(Peer peer, Loop loop, Transaction.Listener listener) {
        assert loop.inLoop();
        return loops.get(loop.index()).transactions().begin(peer, listener);
    }

    @Override
    public void keep(String name, byte @Nullable [] value, Loop loop) {
        assert loop.inLoop();
        store.submit(Definitions.kept(name, value), loop, null);
    }

    @Override
    public Map<String, byte[]> kept() {
        return kept;
    }

    @Override
    public Map<String, byte[]> claims() {
        return claims.notes();
    }

    @Override
    public void renounce(String claim) {
        claims.renounce(claim);
    }

    @Override
    public void disconnected(Peer peer) {
        topology.disconnected(peer);
    }

    @Override
    public Topology topology() {
        return topology;
    }

    @Override
    public Topology topology(Peer peer) {
        return new PeerTopology(topology, publishing, peer);
    }

    /** The topology in memory. */
    TopologyState state() {
        return state;
    }

    /**
     * Brings the topology in line with a declaration, all at once or not at all: adds what is new, changes what can
     * change, deletes what left it and is empty and unused. What clients declared stays.
     *
     * @return completes on the first loop; exceptionally with {@link io.turnstone.api.RefusedException} when the store
     *     cannot write
     */
    public CompletionStage<ApplyReport> apply(DeclaredTopology declared) {
        var problems = declared.problems(settings.exchangeTypes());
        if (!problems.isEmpty()) {
            return CompletableFuture.completedFuture(ApplyReport.refused(problems));
        }
        return changes.run(
                () -> new DeclarationApply(declared, state, changes, factory, topology, announcements).apply());
    }

    /** Figures of every queue. */
    public Collection<QueueStatus> queueStatus() {
        return state.queueList().stream().map(entry -> entry.queue().status()).toList();
    }

    /** Figures of every exchange, the default exchange (with the empty name) first. */
    public Collection<ExchangeStatus> exchangeStatus() {
        var all = new ArrayList<ExchangeStatus>();
        all.add(status("", ExchangeCounters.DEFAULT_EXCHANGE));
        state.exchangeList().forEach(exchange -> all.add(status(exchange.name(), exchange.number())));
        return all;
    }

    private ExchangeStatus status(String name, int number) {
        long published = 0;
        long unroutable = 0;
        long dropped = 0;
        for (RouterLoop loop : loops) {
            published += loop.counters().publishedTo(number);
            unroutable += loop.counters().unroutableAt(number);
            dropped += loop.counters().droppedAt(number);
        }
        return new ExchangeStatus(name, published, unroutable, dropped);
    }

    /** Messages and definitions in the store that could not be read so far; they are kept, out of reach. */
    public long unreadable() {
        return unreadable
                + homes.stream().mapToLong(home -> home.reader().unreadable()).sum();
    }

    /**
     * Takes nothing in any more and waits for what is on its way into the store.
     *
     * @return completes on some loop, when the store has answered every publish
     */
    public CompletionStage<@Nullable Void> stop() {
        var stopped = new CompletableFuture<@Nullable Void>();
        var missing = new AtomicInteger(loops.size());
        loops.get(0).loop().execute(pressure::stop);
        for (RouterLoop loop : loops) {
            loop.loop().execute(() -> {
                loop.stop();
                awaitAnswers(loop, missing, stopped);
            });
        }
        return stopped;
    }

    private static void awaitAnswers(
            RouterLoop loop, AtomicInteger missing, CompletableFuture<@Nullable Void> stopped) {
        if (loop.inFlight() > 0) {
            loop.loop().schedule(STOP_INTERVAL_MS, () -> awaitAnswers(loop, missing, stopped));
        } else if (missing.decrementAndGet() == 0) {
            stopped.complete(null);
        }
    }
}
