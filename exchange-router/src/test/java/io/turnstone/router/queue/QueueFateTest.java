package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Consumer;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Messages that expire, are pushed out, fail and are rejected in any order that a seed dictates, in a queue whose limit and
 * ttl change and whose store fails now and then. Each has exactly one fate, for a reason that holds: nothing is delivered
 * from its moment on or after its end, and nothing expires early, or while a consumer has it.
 */
@DisplayName("Each message of a queue has one fate")
class QueueFateTest {

    private static final int STEPS = 2000;
    private static final long TTL_MS = 400;
    private static final List<Overflow> OVERFLOWS = List.of(Overflow.values());

    private Random random;
    private Queues queues;
    private MessageQueue queue;
    private boolean failures;
    private boolean failing;
    private boolean changing;
    private int published;
    private boolean dropped;
    private final Map<Integer, Long> deadlines = new HashMap<>();
    private final Map<Integer, Long> arrivals = new HashMap<>();
    private final Set<Integer> entered = new HashSet<>();
    private final Set<Integer> accepted = new HashSet<>();

    /** Settled by consumers, some of which closed before they were told that it is durable. */
    private final Set<Integer> untold = new HashSet<>();

    private final Map<Integer, Peer> holders = new HashMap<>();
    private final Map<Integer, Delivery> dead = new HashMap<>();
    private final List<Peer> peers = new ArrayList<>();

    /** A consumer that does what the dice say. */
    private final class Peer implements Consumer.Listener {
        final int loop = random.nextInt(queues.loops.length);
        final List<Delivery> unsettled = new ArrayList<>();
        long delivered;
        boolean closed;

        @Nullable
        Consumer consumer;

        @Override
        public void deliver(Delivery delivery) {
            int number = RecordingConsumer.number(delivery);
            long expiresAtMs = delivery.overlay().expiresAtMs();
            if (loop == queue.home().index()) { // else it may have ended on its way
                assertTrue(expiresAtMs == Message.NONE || expiresAtMs > queues.now(), "delivered late: " + number);
            }
            assertFalse(accepted.contains(number), "delivered after it was accepted: " + number);
            assertFalse(dead.containsKey(number), "delivered after its death: " + number);
            Peer other = holders.put(number, this);
            assertTrue(other == null || failures, "with two consumers: " + number); // one may not know that it is ended
            delivered++;
            unsettled.add(delivery);
        }

        void settleOne() {
            if (unsettled.isEmpty() || consumer == null) {
                return;
            }
            Delivery delivery = unsettled.remove(random.nextInt(unsettled.size()));
            int number = RecordingConsumer.number(delivery);
            holders.remove(number);
            Outcome outcome = switch (random.nextInt(8)) {
                case 0 -> Outcome.RELEASED;
                case 1, 2 -> new Outcome.Modified(true, false, Map.of());
                case 3 -> new Outcome.Rejected("bad", null);
                case 4 -> new Outcome.Modified(false, true, Map.of());
                default -> Outcome.ACCEPTED;
            };
            if (outcome instanceof Outcome.Accepted) {
                untold.add(number);
            }
            queues.loops[loop].within(() -> consumer.settle(delivery, outcome, true));
        }

        void flow() {
            if (consumer != null && !closed) {
                long limit = delivered + random.nextInt(12);
                queues.loops[loop].within(() -> consumer.flow(limit, false));
            }
        }

        void close() {
            if (consumer != null && !closed) {
                end();
                queues.loops[loop].within(() -> consumer.close(random.nextBoolean()));
            }
        }

        private void end() {
            closed = true;
            unsettled.forEach(delivery -> holders.remove(RecordingConsumer.number(delivery)));
            unsettled.clear();
            peers.remove(this);
        }

        @Override
        public void drained() {
            throw new AssertionError("nobody drains");
        }

        @Override
        public void settled(Delivery delivery, Outcome outcome) {
            if (outcome instanceof Outcome.Accepted) {
                assertTrue(accepted.add(RecordingConsumer.number(delivery)), "accepted twice");
            }
        }

        @Override
        public void closed(Refusal reason) {
            assertTrue(failing, "closed though the store works: " + reason);
            end();
        }
    }

    @ParameterizedTest(name = "{1} loops, {2} levels, limit {3}, failing store {4}, seed {0}")
    @CsvSource({
        "1, 1, 1, REJECT, false", "2, 1, 10, DROP_HEAD, false", "3, 2, 1, DROP_HEAD, false", "4, 2, 3, BLOCK, false",
        "5, 3, 1, DROP_HEAD, true", "6, 3, 10, REJECT, true", "7, 1, 1, DROP_HEAD, true", "8, 2, 255, BLOCK, true",
        "9, 2, 1, changing, false", "10, 3, 10, changing, true", "11, 1, 3, changing, true", "12, 2, 1, changing, true",
    })
    void whateverHappens(long seed, int loops, int levels, String overflow, boolean storeFails) {
        random = new Random(seed);
        failures = storeFails;
        changing = overflow.equals("changing");
        queues = new Queues(loops, FakeStore.manual());
        var deadLetters = queues.queue(QueueSpec.named("dlq").build(), random.nextInt(loops));
        queue = queues.queue(spec(levels, overflow), random.nextInt(loops));
        queues.routes.put("q", List.of(deadLetters));
        var mourner = queues.consumer(deadLetters).credit(1_000_000);
        mourner.onDelivery = this::died;

        for (int step = 0; step < STEPS; step++) {
            step(levels, overflow);
        }
        List.copyOf(peers).forEach(Peer::close);
        failing = false;
        queues.store.fail(null);
        for (int i = 0; i < 10; i++) {
            rest(1000);
        }

        var left = queues.consumer(queue, loops - 1, Queues.request()).credit(1_000_000);
        for (int number : left.numbers) {
            assertFalse(deadlines.containsKey(number), "outlived its time: " + number);
            assertTrue(accepted.add(number), "accepted and still there: " + number);
        }
        List.copyOf(left.numbers).forEach(left::accept);
        rest(0);
        assertTrue(accepted.stream().noneMatch(dead::containsKey), "accepted and dead");
        entered.removeAll(accepted);
        entered.removeAll(dead.keySet());
        entered.removeAll(untold);
        assertEquals(Set.of(), entered, "lost");
        assertEquals(0, queue.status().messages());
        assertEquals(0, queue.status().bytes());
        assertEquals(List.of(), queues.store.positions(queue.id()));
    }

    private QueueSpec spec(int levels, String overflow) {
        var kind = changing ? OVERFLOWS.get(random.nextInt(OVERFLOWS.size())) : Overflow.valueOf(overflow);
        dropped |= kind == Overflow.DROP_HEAD;
        return QueueSpec.named("q")
                .priorities(levels)
                .ttlMs(changing && random.nextBoolean() ? TTL_MS : Message.NONE)
                .limit(new QueueLimit(5 + random.nextInt(10), QueueLimit.UNLIMITED, kind))
                .retry(new RetrySpec(3, RetrySpec.Backoff.FIXED, random.nextInt(200), 200, 0.5))
                .build();
    }

    private void step(int levels, String overflow) {
        int dice = random.nextInt(100);
        if (dice < 20) {
            publish();
        } else if (dice < 50) {
            queues.loops[random.nextInt(queues.loops.length)].turn();
        } else if (dice < 62) {
            queues.store.commit();
        } else if (dice < 65) {
            open();
        } else if (dice < 66 && failures) {
            failing = !failing;
            queues.store.fail(failing ? new StoreException("broken") : null);
        } else if (dice < 67 && changing) {
            queue.reconfigure(spec(levels, overflow));
        } else if (dice < 72) {
            queues.advance(random.nextInt(120));
        } else if (!peers.isEmpty()) {
            Peer peer = peers.get(random.nextInt(peers.size()));
            if (dice < 80) {
                peer.flow();
            } else if (dice < 98) {
                peer.settleOne();
            } else if (peers.size() > 2) {
                peer.close();
            }
        }
        if (!changing && !dropped) {
            assertTrue(queue.status().messages() <= queue.spec().limit().messages(), "over its limit");
        }
    }

    private void publish() {
        int loop = random.nextInt(queues.loops.length);
        queues.loops[loop].within(() -> {
            for (int i = random.nextInt(4); i > 0; i--) {
                int number = ++published;
                long ttlMs = random.nextInt(3) == 0 ? Message.NONE : random.nextInt(600);
                var message = new NumberedMessage(number, random.nextInt(12), ttlMs, 2);
                if (queue.admit(message.size()) != Admission.OK) {
                    continue;
                }
                arrivals.put(number, queues.now());
                if (ttlMs != Message.NONE) {
                    deadlines.put(number, queues.now() + ttlMs);
                }
                queues.submit(List.of(queue), message, loop, (position, failure) -> {
                    if (failure == null) {
                        entered.add(number);
                    } else {
                        queue.unadmit(message.size());
                    }
                });
            }
        });
    }

    private void open() {
        var peer = new Peer();
        peers.add(peer);
        queues.loops[peer.loop].within(() -> queue.open(
                        Queues.request(false, false, random.nextInt(2), Long.MAX_VALUE / 2),
                        queues.handOffs[peer.loop],
                        peer)
                .thenAccept(opened -> peer.consumer = opened));
    }

    private void died(Delivery delivery) {
        int number = RecordingConsumer.number(delivery);
        assertEquals(null, dead.put(number, delivery), "dead twice: " + number);
        var death = delivery.overlay().deaths().get(0);
        if (death.reason() == DeathReason.EXPIRED) {
            long byQueue = changing ? arrivals.get(number) + TTL_MS : Long.MAX_VALUE;
            long earliest = Math.min(byQueue, deadlines.getOrDefault(number, Long.MAX_VALUE));
            assertTrue(death.lastAtMs() >= earliest, "expired early: " + number);
            assertTrue(failures || !holders.containsKey(number), "expired while a consumer had it: " + number);
        }
        assertTrue(death.reason() != DeathReason.MAXLEN || dropped, "dropped without need: " + number);
    }

    private void rest(long ms) {
        queues.settle();
        queues.store.commit();
        queues.settle();
        queues.advance(ms);
        queues.store.commit();
        queues.settle();
    }
}
