package io.turnstone.router.queue;

import io.turnstone.api.Address;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.ConsumerRequest.Mode;
import io.turnstone.api.DeathReason;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Identity;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Loops, a store and the queues on them, driven by hand. */
final class Queues implements DeadLetterRoutes {

    final FakeLoop[] loops;
    final HandOff[] handOffs;
    final FakeStore store;
    final Map<String, MessageQueue> queues = new LinkedHashMap<>();

    /** Where the dead messages of a queue go, by its name; absent: dropped if expired or too many. */
    final Map<String, List<MessageQueue>> routes = new HashMap<>();

    /** Queues whose dead-letter queue is not made yet, and who waits for it. */
    final Map<String, CompletableFuture<Void>> unmade = new HashMap<>();

    final List<String> unused = new ArrayList<>();

    private final QueueHome[] homes;
    private final FakeLoop.Clock clock = new FakeLoop.Clock();
    private int lastId;

    Queues(int loopCount, FakeStore store) {
        this(loopCount, store, Long.MAX_VALUE);
    }

    /** Loops that each have a share of so many bytes of heap. */
    Queues(int loopCount, FakeStore store, long heapBytes) {
        this.store = store;
        loops = new FakeLoop[loopCount];
        handOffs = new HandOff[loopCount];
        homes = new QueueHome[loopCount];
        for (int i = 0; i < loopCount; i++) {
            loops[i] = new FakeLoop(i, clock);
            handOffs[i] = new HandOff(loops[i], loopCount);
            homes[i] = new QueueHome(
                    loops[i],
                    handOffs[i],
                    store,
                    this,
                    queue -> unused.add(queue.name()),
                    new SplittableRandom(7),
                    new HeapShare(loops[i], heapBytes),
                    new EntryReader(loops[i], store, Map.of("test", NumberedMessage.FORMAT)),
                    new SharedExpiry(),
                    HeldLimit.DEFAULT);
        }
    }

    /** One loop, and a store that commits at once. */
    static Queues simple() {
        return new Queues(1, FakeStore.automatic());
    }

    /** What the queues of a loop say they have on the heap. */
    long heap(int loop) {
        return homes[loop].memory().used();
    }

    long now() {
        return clock.now();
    }

    /** A queue that lives on loop 0. */
    MessageQueue queue(QueueSpec spec) {
        return queue(spec, 0);
    }

    MessageQueue queue(QueueSpec spec, int loop) {
        var queue = unstarted(spec, loop);
        on(loop, queue::start);
        return queue;
    }

    MessageQueue unstarted(QueueSpec spec, int loop) {
        var queue = new MessageQueue(++lastId, spec, homes[loop]);
        queues.put(spec.name(), queue);
        return queue;
    }

    /** The same queues on one loop, read back from what a store kept. */
    static Queues recovered(FakeStore store, MessageQueue... lost) {
        var again = recovered(store, Long.MAX_VALUE, lost);
        again.settleReads();
        return again;
    }

    /** The same with a share of so many bytes of heap, and nothing read yet unless the store does so at once. */
    static Queues recovered(FakeStore store, long heapBytes, MessageQueue... lost) {
        return recovered(store, heapBytes, 0, lost);
    }

    /** The same, at this moment or a later one. */
    static Queues recovered(FakeStore store, long heapBytes, long nowMs, MessageQueue... lost) {
        var again = new Queues(1, store, heapBytes);
        again.clock.set(Math.max(0, nowMs - again.now()));
        var byId = new HashMap<Integer, MessageQueue>();
        for (MessageQueue queue : lost) {
            again.lastId = queue.id() - 1;
            byId.put(queue.id(), again.unstarted(queue.spec(), 0));
        }
        store.recover(new MessageStore.Recovery() {
            @Override
            public void definition(String kind, String name, byte[] value) {
                if (kind.equals(ClaimRecord.KIND)) {
                    ClaimRecord claim = ClaimRecord.of(name, value);
                    byId.get(claim.queueId()).recovered(claim);
                }
            }

            @Override
            public void run(int queueId, int level, StoredRun run) {
                MessageQueue queue = byId.get(queueId);
                if (queue != null) {
                    queue.recovered(level, run);
                    queue.maybeSeen();
                }
            }

            @Override
            public void done(boolean clean) {}
        });
        byId.values().forEach(queue -> again.on(0, queue::start));
        again.on(0, () -> AgeSurvey.begin(again.loops[0], List.copyOf(byId.values())));
        return again;
    }

    /** Does something in the name of a loop and lets all loops come to rest. */
    void on(int loop, Runnable work) {
        loops[loop].within(work);
        settle();
    }

    void settle() {
        FakeLoop.settle(loops);
    }

    /** The same, with every message read that is wanted. */
    void settleReads() {
        do {
            settle();
        } while (store.answerReads());
    }

    /** Somebody sets the clock. */
    void setClock(long byMs) {
        clock.set(byMs);
    }

    void advance(long ms) {
        FakeLoop.advance(ms, loops);
    }

    Overlay arrival(Message message) {
        return Overlay.arrival(
                "", "key", now(), message.ttlMs() == Message.NONE ? Message.NONE : now() + message.ttlMs());
    }

    /** Publishes past the store. */
    void enqueue(MessageQueue queue, Message... messages) {
        on(0, () -> {
            for (Message message : messages) {
                queue.enqueue(handOffs[0], message, arrival(message));
            }
        });
    }

    /** Publishes these numbers past the store. */
    void enqueue(MessageQueue queue, int from, int to) {
        on(0, () -> {
            for (int number = from; number <= to; number++) {
                var message = NumberedMessage.of(number);
                queue.enqueue(handOffs[0], message, arrival(message));
            }
        });
    }

    /** Publishes through the store. */
    void publish(MessageQueue queue, Message... messages) {
        on(0, () -> {
            for (Message message : messages) {
                submit(List.of(queue), message, 0, null);
            }
        });
    }

    /** Publishes through the store, not to be delivered before a moment. */
    void publishFor(long availableAtMs, MessageQueue queue, Message... messages) {
        publishFor(availableAtMs, Message.NONE, queue, messages);
    }

    void publishFor(long availableAtMs, long expiresAtMs, MessageQueue queue, Message... messages) {
        on(0, () -> {
            for (Message message : messages) {
                var overlay = Overlay.arrival("", "key", now(), expiresAtMs).availableAt(availableAtMs);
                submit(List.of(queue), message, overlay, 0, null);
            }
        });
    }

    /** The same past the store. */
    void enqueueFor(long availableAtMs, MessageQueue queue, Message... messages) {
        on(0, () -> {
            for (Message message : messages) {
                var overlay = Overlay.arrival("", "key", now(), Message.NONE).availableAt(availableAtMs);
                queue.enqueue(handOffs[0], message, overlay);
            }
        });
    }

    void submit(List<MessageQueue> targets, Message message, int loop, MessageStore.@Nullable Committed committed) {
        submit(targets, message, arrival(message), loop, committed);
    }

    private void submit(
            List<MessageQueue> targets,
            Message message,
            Overlay overlay,
            int loop,
            MessageStore.@Nullable Committed committed) {
        store.submit(
                new StoreRecord.Enqueue(
                        targets,
                        message.format().id(),
                        message.body(),
                        OverlayCodec.encode(overlay, targets),
                        OverlayCodec.marks(message, overlay, targets),
                        true,
                        new Publication(message, overlay, true)),
                loops[loop],
                committed);
    }

    RecordingConsumer consumer(MessageQueue queue) {
        return consumer(queue, 0, request());
    }

    RecordingConsumer consumer(MessageQueue queue, int loop, ConsumerRequest request) {
        var recording = new RecordingConsumer(this, loop);
        recording.opened(
                open(queue, loop, request, recording).toCompletableFuture().join());
        return recording;
    }

    CompletionStage<Consumer> open(MessageQueue queue, int loop, ConsumerRequest request, Consumer.Listener listener) {
        var opened = new CompletableFuture<Consumer>();
        on(
                loop,
                () -> queue.open(request, handOffs[loop], listener).whenComplete((consumer, failure) -> {
                    assert loops[loop].inLoop();
                    if (failure == null) {
                        opened.complete(consumer);
                    } else {
                        opened.completeExceptionally(failure);
                    }
                }));
        return opened;
    }

    static Peer peer(long connectionId) {
        return new Peer(connectionId, "test", "client-" + connectionId, Identity.ANONYMOUS, "127.0.0.1:1");
    }

    static ConsumerRequest request() {
        return request(false, false, 0, Long.MAX_VALUE / 2);
    }

    static ConsumerRequest request(boolean settled, boolean browse, int priority, long byteBudget) {
        return new ConsumerRequest(
                new Address.Queue("q", false),
                peer(1),
                new Mode(settled, browse, false, false),
                MessageFilter.ALL,
                priority,
                byteBudget);
    }

    /** A consumer with a filter. */
    static ConsumerRequest choosing(MessageFilter filter) {
        return choosing(filter, Mode.TAKE, 0);
    }

    static ConsumerRequest choosing(MessageFilter filter, Mode mode, int priority) {
        return new ConsumerRequest(new Address.Queue("q", false), peer(1), mode, filter, priority, Long.MAX_VALUE / 2);
    }

    /** Messages whose number has this remainder. */
    static MessageFilter every(int divisor, int remainder) {
        return (message, overlay) -> ((NumberedMessage) message).number() % divisor == remainder;
    }

    static ConsumerRequest browser() {
        return request(true, true, 0, Long.MAX_VALUE / 2);
    }

    static ConsumerRequest exclusive(long connectionId, boolean exclusive) {
        return ConsumerRequest.of(
                new Address.Queue("q", false),
                peer(connectionId),
                new Mode(false, false, exclusive, false),
                Long.MAX_VALUE / 2);
    }

    @Override
    public @Nullable List<MessageQueue> resolve(
            MessageQueue source, Message message, Overlay overlay, DeathReason reason) {
        if (unmade.containsKey(source.name())) {
            return null;
        }
        return routes.getOrDefault(source.name(), List.of());
    }

    @Override
    public CompletionStage<Void> prepare(MessageQueue source) {
        return unmade.get(source.name()).copy();
    }

    /** The dead-letter queue is there now. */
    void made(MessageQueue source, MessageQueue deadLetters) {
        var waiting = unmade.remove(source.name());
        routes.put(source.name(), List.of(deadLetters));
        on(0, () -> waiting.complete(null));
    }
}
