package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Publishers, consumers, the store and the clock in any order that a seed dictates, one step of one loop at a time. What
 * must hold at every step: a fresh message overtakes none of its level on its way to a consumer, no message is with two
 * consumers, a crash at any commit leaves every message that was accepted and not settled in exactly one queue. And at
 * the end, everything that was published was accepted by a consumer or is dead, once.
 */
@DisplayName("A queue under any schedule")
class QueueScheduleTest {

    private static final int STEPS = 1500;

    private Random random;
    private Queues queues;
    private MessageQueue queue;
    private MessageQueue dead;
    private boolean stored;
    private int priorities;
    private int published;
    private @Nullable AssertionError failure;
    private final Set<Integer> committed = new HashSet<>();
    private final Set<Integer> ended = new HashSet<>();
    private final Set<Integer> removed = new HashSet<>();
    private final Set<Integer> returned = new HashSet<>();
    private final Map<Integer, Peer> holders = new HashMap<>();
    private final List<Peer> peers = new ArrayList<>();

    /** A consumer that does what the dice say. */
    private final class Peer implements Consumer.Listener {
        final int loop;
        final boolean settled;
        final Map<Integer, Integer> lastFresh = new HashMap<>();
        final List<Delivery> unsettled = new ArrayList<>();

        @Nullable
        Consumer consumer;

        long delivered;
        long limit;
        int drains;
        boolean closed;

        Peer(int loop, boolean settled) {
            this.loop = loop;
            this.settled = settled;
        }

        @Override
        public void deliver(Delivery delivery) {
            try {
                check(delivery);
            } catch (AssertionError wrong) { // the queue would close this consumer and go on
                failure = wrong;
                throw wrong;
            }
        }

        private void check(Delivery delivery) {
            assertTrue(queues.loops[loop].inLoop());
            assertFalse(closed, "a delivery after close");
            assertTrue(++delivered <= limit, "more deliveries than credit");
            int number = RecordingConsumer.number(delivery);
            assertFalse(removed.contains(number), "delivered after it was settled: " + number);
            if (returned.add(number)) {
                int level = Math.min(delivery.message().priority(), priorities - 1);
                Integer before = lastFresh.put(level, number);
                assertTrue(before == null || before < number, "overtaken: " + before + " before " + number);
            }
            if (settled) {
                ended.add(number);
                removed.add(number);
                return;
            }
            Peer other = holders.put(number, this);
            assertEquals(null, other, "with two consumers: " + number);
            unsettled.add(delivery);
        }

        void settleOne() {
            if (unsettled.isEmpty() || consumer == null) {
                return;
            }
            Delivery delivery = unsettled.remove(random.nextInt(unsettled.size()));
            int number = RecordingConsumer.number(delivery);
            holders.remove(number);
            Outcome outcome = Outcome.ACCEPTED;
            int dice = random.nextInt(10);
            if (dice == 0) {
                outcome = Outcome.RELEASED;
            } else if (dice == 1) {
                outcome = new Outcome.Modified(true, false, Map.of());
            } else if (dice == 2) {
                outcome = new Outcome.Rejected("bad", null);
            } else if (dice == 3) {
                outcome = new Outcome.Modified(false, true, Map.of("x-a", number));
            }
            if (outcome instanceof Outcome.Accepted) {
                ended.add(number);
            }
            var end = outcome;
            queues.loops[loop].within(() -> consumer.settle(delivery, end, true));
        }

        void close() {
            if (consumer != null && !closed) {
                closed = true;
                for (Delivery delivery : unsettled) {
                    holders.remove(RecordingConsumer.number(delivery));
                }
                unsettled.clear();
                queues.loops[loop].within(() -> consumer.close(random.nextBoolean()));
                if (queues.loops[loop] != queue.home()) { // some may have been on their way, and return unseen
                    IntStream.rangeClosed(1, published).forEach(returned::add);
                }
            }
        }

        void flow() {
            if (consumer != null && !closed) {
                boolean drain = random.nextInt(8) == 0;
                limit = Math.max(limit, delivered + random.nextInt(30));
                drains += drain ? 1 : 0;
                queues.loops[loop].within(() -> consumer.flow(limit, drain));
            }
        }

        @Override
        public void drained() {
            assertTrue(drains > 0, "drained without being asked");
        }

        @Override
        public void settled(Delivery delivery, Outcome outcome) {
            int number = RecordingConsumer.number(delivery);
            if (outcome instanceof Outcome.Accepted) {
                removed.add(number);
            }
        }

        @Override
        public void closed(Refusal reason) {
            throw new AssertionError("closed by the queue");
        }
    }

    @ParameterizedTest(name = "{1} loops, {2} levels, stored {3}, seed {0}")
    @CsvSource({
        "1, 1, 1, true", "2, 1, 1, false", "3, 2, 1, true", "4, 2, 10, true", "5, 3, 1, true", "6, 3, 10, false",
        "7, 3, 3, true", "8, 2, 1, false", "9, 1, 10, true", "10, 3, 255, true", "11, 2, 5, true", "12, 3, 1, true",
    })
    void losesNothingDoublesNothingAndKeepsTheOrder(long seed, int loops, int levels, boolean throughStore) {
        stored = throughStore;
        run(seed, loops, levels, Long.MAX_VALUE);
    }

    @ParameterizedTest(name = "{1} loops, {2} levels, {3} bytes of heap, seed {0}")
    @CsvSource({
        "21, 1, 1, 1", "22, 2, 1, 1", "23, 2, 3, 1", "24, 3, 10, 1", "25, 1, 1, 20000", "26, 2, 2, 20000",
        "27, 3, 1, 60000", "28, 1, 10, 60000", "29, 2, 1, 100000", "30, 3, 3, 100000", "31, 2, 1, 1", "32, 1, 2, 1",
    })
    void doesSoAlsoWhileMessagesComeAndGoBetweenHeapAndStore(long seed, int loops, int levels, long heapBytes) {
        stored = true;
        run(seed, loops, levels, heapBytes);
        assertTrue(queues.store.readCalls() > 0, "nothing was paged out");
    }

    private void run(long seed, int loops, int levels, long heapBytes) {
        random = new Random(seed);
        priorities = levels;
        queues = new Queues(loops, FakeStore.manual(), heapBytes);
        dead = queues.queue(QueueSpec.named("dlq").build(), random.nextInt(loops));
        queue = queues.queue(
                QueueSpec.named("q")
                        .priorities(levels)
                        .retry(new RetrySpec(3, RetrySpec.Backoff.EXPONENTIAL, 50, 500, 0.5))
                        .build(),
                random.nextInt(loops));
        queues.routes.put("q", List.of(dead));

        for (int step = 0; step < STEPS; step++) {
            step();
            if (failure != null) {
                throw failure;
            }
        }
        finish();
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 25) {
            publish();
        } else if (dice < 55) {
            queues.loops[random.nextInt(queues.loops.length)].turn();
        } else if (dice < 65) {
            crash();
            queues.store.commit();
            queues.store.failReads(random.nextInt(5) == 0 ? new StoreException("unreadable") : null);
            queues.store.answerReads();
        } else if (dice < 68) {
            open();
        } else if (dice < 70) {
            if (peers.size() > 2) {
                peers.remove(random.nextInt(peers.size())).close();
            }
        } else if (dice < 72) {
            queues.advance(random.nextInt(200));
        } else if (!peers.isEmpty()) {
            Peer peer = peers.get(random.nextInt(peers.size()));
            if (dice < 82) {
                peer.flow();
            } else {
                peer.settleOne();
            }
        }
    }

    private void publish() {
        int count = 1 + random.nextInt(5);
        queues.loops[0].within(() -> {
            for (int i = 0; i < count; i++) {
                int number = ++published;
                var message = NumberedMessage.of(number, random.nextInt(12));
                if (stored) {
                    queues.submit(List.of(queue), message, 0, (position, failure) -> committed.add(number));
                } else {
                    queue.enqueue(queues.handOffs[0], message, queues.arrival(message));
                }
            }
        });
    }

    private void open() {
        var peer = new Peer(random.nextInt(queues.loops.length), random.nextInt(4) == 0);
        ConsumerRequest request = Queues.request(peer.settled, false, random.nextInt(2), 400);
        peers.add(peer);
        var loop = queues.loops[peer.loop];
        loop.within(() -> queue.open(request, queues.handOffs[peer.loop], peer).thenAccept(opened -> {
            peer.consumer = opened;
            if (peer.closed) {
                opened.close(false);
            }
        }));
    }

    private void crash() {
        var left = new HashMap<Integer, Integer>();
        for (MessageQueue each : List.of(queue, dead)) {
            for (StoredMessage kept : queues.store.kept(each.id())) {
                var message = (NumberedMessage) NumberedMessage.FORMAT.read(kept.body());
                left.merge(message.number(), 1, Integer::sum);
                assertNotNull(OverlayCodec.decode(kept.overlay(), each.id()));
            }
        }
        if (random.nextInt(20) == 0) {
            restart();
        }
        for (int number : left.keySet()) {
            assertEquals(1, left.get(number), "doubled by a crash: " + number);
        }
        for (int number : committed) {
            if (!ended.contains(number)) {
                assertTrue(left.containsKey(number), "lost by a crash: " + number);
            }
        }
    }

    /** What a crash at this moment leaves comes back, and in order what has not failed before. */
    private void restart() {
        long heapBytes = random.nextBoolean() ? 1 : Long.MAX_VALUE;
        var again = Queues.recovered(queues.store.afterCrash(), heapBytes, queue, dead);
        for (MessageQueue each : List.of(queue, dead)) {
            var expected = new ArrayList<Integer>();
            var inOrder = new ArrayList<NumberedMessage>();
            for (StoredMessage kept : queues.store.kept(each.id())) {
                var message = (NumberedMessage) NumberedMessage.FORMAT.read(kept.body());
                expected.add(message.number());
                if (OverlayCodec.decode(kept.overlay(), each.id()).availableAtMs() == 0) {
                    inOrder.add(message);
                }
            }
            var consumer = again.consumer(again.queues.get(each.name())).credit(100_000);
            again.settleReads();
            again.advance(queues.now() - again.now() + 500);

            assertThat(consumer.numbers).containsExactlyInAnyOrderElementsOf(expected);
            inOrder.sort(Comparator.comparing(message -> -Math.min(message.priority(), each.levels() - 1)));
            var numbers = inOrder.stream().map(NumberedMessage::number).toList();
            assertThat(consumer.numbers.stream().filter(numbers::contains)).containsExactlyElementsOf(numbers);
        }
    }

    private void finish() {
        for (Peer peer : List.copyOf(peers)) {
            peer.close();
        }
        peers.clear();
        rest();
        var last = queues.consumer(queue, queues.loops.length - 1, Queues.request());
        for (int i = 0; i < 50; i++) {
            last.credit(1000);
            for (Delivery delivery : List.copyOf(last.unsettled)) {
                int number = RecordingConsumer.number(delivery);
                assertTrue(ended.add(number), "accepted twice: " + number);
                last.accept(number);
            }
            rest();
        }
        var deadLetters = queues.consumer(dead).credit(100_000);
        rest();
        for (int number : deadLetters.numbers) {
            assertTrue(ended.add(number), "accepted and dead, or dead twice: " + number);
        }
        assertEquals(published, ended.size());
        assertEquals(0, queue.status().messages());
        assertEquals(0, queue.status().bytes());
        assertEquals(List.of(), queues.store.positions(queue.id()));
    }

    private void rest() {
        queues.store.failReads(null);
        for (int i = 0; i < 2; i++) {
            do {
                queues.store.commit();
                queues.settle();
            } while (queues.store.answerReads() || queues.store.waiting() > 0);
            queues.advance(1000);
        }
        queues.settle();
    }
}
