package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeStore;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RetrySpec;
import java.util.ArrayList;
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
 * Consumers that choose beside others that take anything, in any order that a seed dictates. At every step: nobody gets
 * what is not for it, no message is with two, what is fresh overtakes none of its level that is for the same consumer.
 * At rest: nothing waits that somebody with credit could have. At the end: everything went to one consumer.
 */
@DisplayName("Consumers that choose, under any schedule,")
class ChoosingScheduleTest {

    private static final int STEPS = 1500;
    private static final MessageFilter.Field REMAINDER = (message, overlay) -> ((NumberedMessage) message).number() % 5;

    private Random random;
    private Queues queues;
    private MessageQueue queue;
    private int priorities;
    private boolean grouped;
    private @Nullable GroupSpec groups;
    private int published;
    private @Nullable AssertionError failure;
    private final Map<Integer, NumberedMessage> waiting = new HashMap<>();
    private final Map<Integer, Peer> holders = new HashMap<>();
    private final Set<Integer> seen = new HashSet<>();
    private final List<Peer> peers = new ArrayList<>();

    /** Wants one remainder, and says so. */
    private record Keyed(int remainder) implements MessageFilter {
        @Override
        public boolean matches(Message message, Overlay overlay) {
            return ((NumberedMessage) message).number() % 5 == remainder;
        }

        @Override
        public Key key() {
            return new Key(REMAINDER, remainder);
        }
    }

    private final class Peer implements Consumer.Listener {
        final int loop;
        final MessageFilter filter;
        final Map<Integer, Integer> lastFresh = new HashMap<>();
        final List<Delivery> unsettled = new ArrayList<>();
        final Set<Integer> notHere = new HashSet<>();

        @Nullable
        Consumer consumer;

        long delivered;
        long limit;
        int drains;
        boolean draining;
        boolean closed;

        Peer(int loop, MessageFilter filter) {
            this.loop = loop;
            this.filter = filter;
        }

        boolean wants(NumberedMessage message) {
            return filter.matches(message, queues.arrival(message)) && !notHere.contains(message.number());
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
            assertFalse(closed, "a delivery after close");
            assertTrue(++delivered <= limit, "more deliveries than credit");
            int number = RecordingConsumer.number(delivery);
            assertTrue(wants((NumberedMessage) delivery.message()), "not for this consumer: " + number);
            assertTrue(waiting.containsKey(number), "delivered after it was accepted: " + number);
            if (seen.add(number) && !grouped) { // groups come from others that left, and are behind
                int level = level(delivery.message());
                Integer before = lastFresh.put(level, number);
                assertTrue(before == null || before < number, "overtaken: " + before + " before " + number);
            }
            assertEquals(null, holders.put(number, this), "with two consumers: " + number);
            if (grouped && queues.loops.length == 1) { // else what was settled may still be on its way
                checkGroup((NumberedMessage) delivery.message());
            }
            unsettled.add(delivery);
        }

        private void checkGroup(NumberedMessage message) {
            for (NumberedMessage other : waiting.values()) {
                if (message.group() != null && message.group().equals(other.group())) {
                    Peer holder = holders.get(other.number());
                    assertTrue(holder == null || holder == this, "a group with two consumers: " + message.group());
                    assertTrue(
                            holder == this || other.number() >= message.number() || level(other) != level(message),
                            "overtaken in its group: " + other + " by " + message);
                }
            }
        }

        void settle(int index) {
            if (index >= unsettled.size() || consumer == null) {
                return;
            }
            Delivery delivery = unsettled.remove(index);
            int number = RecordingConsumer.number(delivery);
            holders.remove(number);
            Outcome outcome = switch (random.nextInt(10)) {
                case 0, 1 -> Outcome.RELEASED;
                case 2 -> new Outcome.Modified(true, false, Map.of());
                case 3 -> new Outcome.Modified(random.nextBoolean(), !grouped, Map.of());
                default -> Outcome.ACCEPTED;
            };
            if (outcome instanceof Outcome.Accepted) {
                waiting.remove(number);
            } else if (outcome instanceof Outcome.Modified modified && modified.undeliverableHere()) {
                notHere.add(number);
            }
            queues.loops[loop].within(() -> consumer.settle(delivery, outcome, false));
        }

        void close() {
            if (consumer != null && !closed) {
                closed = true;
                unsettled.forEach(delivery -> holders.remove(RecordingConsumer.number(delivery)));
                unsettled.clear();
                queues.loops[loop].within(() -> consumer.close(random.nextBoolean()));
                if (queues.loops[loop] != queue.home()) { // some may have been on their way, and return unseen
                    IntStream.rangeClosed(1, published).forEach(seen::add);
                }
            }
        }

        void flow(long credit, boolean drain) {
            if (consumer != null && !closed) {
                limit = Math.max(limit, delivered + credit);
                drains += drain ? 1 : 0;
                draining = drain;
                queues.loops[loop].within(() -> consumer.flow(limit, drain));
            }
        }

        @Override
        public void drained() {
            assertTrue(drains-- > 0, "drained without being asked");
            if (draining && drains == 0) { // else it was asked something else since
                limit = delivered;
            }
        }

        @Override
        public void settled(Delivery delivery, Outcome outcome) {}

        @Override
        public void closed(Refusal reason) {
            failure = failure != null ? failure : new AssertionError("closed by the queue: " + reason);
        }
    }

    @ParameterizedTest(name = "{1} loops, {2} levels, {3} bytes of heap, seed {0}")
    @CsvSource({
        "1, 1, 1, 0", "2, 2, 1, 0", "3, 1, 10, 0", "4, 3, 3, 0", "5, 2, 1, 0", "6, 1, 1, 0",
        "11, 1, 1, 1", "12, 2, 1, 1", "13, 1, 10, 1", "14, 2, 1, 20000", "15, 1, 3, 20000", "16, 3, 2, 60000",
    })
    void getTheirsAndNothingElseInOrder(long seed, int loops, int levels, long heapBytes) {
        run(seed, loops, levels, heapBytes);
    }

    @ParameterizedTest(name = "{1} loops, {2} levels, {3} bytes of heap, {4} groups, seed {0}")
    @CsvSource({
        "31, 1, 1, 0, 100", "32, 1, 1, 0, 3", "33, 1, 3, 0, 100", "34, 2, 1, 0, 100", "35, 1, 1, 1, 100",
        "36, 1, 1, 20000, 5", "37, 1, 2, 1, 100", "38, 3, 1, 60000, 100", "39, 1, 1, 0, 100", "40, 1, 1, 1, 2",
    })
    void getTheirGroupsInOrder(long seed, int loops, int levels, long heapBytes, int most) {
        grouped = true;
        groups = new GroupSpec(most, seed % 2 == 0 ? 0 : 100);
        run(seed, loops, levels, heapBytes);
    }

    private void run(long seed, int loops, int levels, long heapBytes) {
        random = new Random(seed);
        priorities = levels;
        queues = new Queues(loops, FakeStore.manual(), heapBytes == 0 ? Long.MAX_VALUE : heapBytes);
        queue = queues.queue(
                QueueSpec.named("q")
                        .priorities(levels)
                        .groups(groups)
                        .retry(new RetrySpec(1000, RetrySpec.Backoff.FIXED, 50, 50, 0.5))
                        .build(),
                random.nextInt(loops));
        for (int step = 0; step < STEPS; step++) {
            step();
            if (failure != null) {
                throw failure;
            }
        }
        finish();
        assertTrue(heapBytes == 0 || queues.store.readCalls() > 0, "nothing was paged out");
    }

    private int level(Message message) {
        return Math.min(message.priority(), priorities - 1);
    }

    private void step() {
        int dice = random.nextInt(1000);
        if (dice < 250) {
            publish();
        } else if (dice < 550) {
            queues.loops[random.nextInt(queues.loops.length)].turn();
        } else if (dice < 640) {
            queues.store.commit();
            queues.store.answerReads();
        } else if (dice < 660) {
            open(filter());
        } else if (dice < 670) {
            if (peers.size() > 5) {
                peers.remove(random.nextInt(peers.size())).close();
            }
        } else if (dice < 690) {
            queues.advance(random.nextInt(200));
        } else if (dice < 695) {
            rest();
            assertNobodyStarves();
        } else if (!peers.isEmpty()) {
            Peer peer = peers.get(random.nextInt(peers.size()));
            if (dice < 800) {
                peer.flow(random.nextInt(20), random.nextInt(8) == 0);
            } else if (dice < 950) {
                peer.settle(random.nextInt(1 + peer.unsettled.size()));
            }
        }
    }

    private MessageFilter filter() {
        if (grouped) {
            return MessageFilter.ALL;
        }
        int divisor = 2 + random.nextInt(3);
        return switch (random.nextInt(5)) {
            case 0 -> MessageFilter.ALL;
            case 1 -> Queues.every(divisor, random.nextInt(divisor));
            case 2 -> Queues.every(1000, 0);
            default -> new Keyed(random.nextInt(5));
        };
    }

    private void publish() {
        int count = 1 + random.nextInt(5);
        queues.loops[0].within(() -> {
            for (int i = 0; i < count; i++) {
                var message = NumberedMessage.of(++published, random.nextInt(12));
                waiting.put(published, message);
                queues.submit(List.of(queue), message, 0, null);
            }
        });
    }

    private Peer open(MessageFilter filter) {
        var peer = new Peer(random.nextInt(queues.loops.length), filter);
        ConsumerRequest request = Queues.choosing(filter, ConsumerRequest.Mode.TAKE, random.nextInt(2));
        peers.add(peer);
        var loop = queues.loops[peer.loop];
        loop.within(() -> queue.open(request, queues.handOffs[peer.loop], peer).thenAccept(opened -> {
            peer.consumer = opened;
            if (peer.closed) {
                opened.close(false);
            }
        }));
        return peer;
    }

    private void rest() {
        for (int i = 0; i < 3; i++) {
            do {
                queues.store.commit();
                queues.settle();
            } while (queues.store.answerReads() || queues.store.waiting() > 0);
            queues.advance(200);
        }
        queues.settle();
    }

    private void assertNobodyStarves() {
        if (grouped && peers.stream().anyMatch(peer -> peer.limit == peer.delivered)) {
            return; // a group waits for the credit of its consumer
        }
        for (Peer peer : peers) {
            assertEquals(0, peer.drains, "a drain was not answered");
            if (peer.limit > peer.delivered && peer.consumer != null) {
                for (NumberedMessage message : waiting.values()) {
                    assertTrue(
                            holders.containsKey(message.number()) || !peer.wants(message),
                            () -> "waits although there is credit for it: " + message);
                }
            }
        }
    }

    private void finish() {
        rest();
        assertNobodyStarves();
        var last = open(MessageFilter.ALL);
        rest();
        for (int i = 0; i < 1000 && !waiting.isEmpty(); i++) {
            for (Peer peer : peers) {
                while (!peer.unsettled.isEmpty()) {
                    peer.settle(0);
                }
            }
            if (i % 50 == 49) { // what is undeliverable to those that are here
                last.close();
                peers.remove(last);
                last = open(MessageFilter.ALL);
                rest();
            }
            last.flow(1000, false);
            if (grouped) {
                peers.forEach(peer -> peer.flow(1000, false));
            }
            rest();
            assertNobodyStarves();
        }
        assertEquals(Set.of(), waiting.keySet());
        assertEquals(0, queue.status().messages());
        assertEquals(List.of(), queues.store.positions(queue.id()));
    }
}
