package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.DeathReason;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.StoreException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A delayed message")
class DelayedDeliveryTest {

    private static final long SECOND = 1000;
    private static final long HOUR = 3_600_000;
    private static final long DAY = 24 * HOUR;

    private final FakeStore store = FakeStore.automatic();
    private Queues queues = new Queues(1, store);
    private MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    private static NumberedMessage message(int number) {
        return NumberedMessage.of(number);
    }

    private void restart() {
        long nowMs = queues.now();
        queues = Queues.recovered(store.afterCrash(), Long.MAX_VALUE, queue);
        queue = queues.queues.get("q");
        queues.advance(nowMs - queues.now());
    }

    @ParameterizedTest
    @ValueSource(longs = {50, 9 * SECOND, 11 * SECOND, 5 * HOUR, 100 * DAY})
    void comesAtItsTimeAndNotBefore(long delayMs) {
        var consumer = queues.consumer(queue).credit(10);
        queues.publishFor(queues.now() + delayMs, queue, message(1));
        queues.publish(queue, message(2));
        assertThat(queue.status().delayed()).isEqualTo(1);

        queues.advance(delayMs - 1);
        assertThat(consumer.numbers).containsExactly(2);

        queues.advance(11);
        assertThat(consumer.numbers).containsExactly(2, 1);
        assertThat(queue.status().delayed()).isZero();
        consumer.settleAll();
        assertThat(store.positions(queue.id())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {SECOND, HOUR})
    void comesInOrderOfItsTimeAndThenOfTheLog(long delayMs) {
        long dueAtMs = queues.now() + delayMs;
        queues.publishFor(dueAtMs + 1, queue, message(5));
        queues.publishFor(dueAtMs, queue, message(2), message(3));
        queues.enqueueFor(dueAtMs, queue, message(4));
        queues.publishFor(dueAtMs - 1, queue, message(1));

        queues.advance(delayMs + 20);

        assertThat(queues.consumer(queue).credit(10).numbers).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void costsNoHeapWhileItsTimeIsFarAndNothingIsReadBeforeIt() {
        var random = new SplittableRandom(3);
        long startMs = queues.now();
        var dueAtMs = new HashMap<Integer, Long>();
        for (int number = 1; number <= 5000; number++) {
            dueAtMs.put(number, startMs + DAY + random.nextLong(30 * DAY));
            queues.publishFor(dueAtMs.get(number), queue, NumberedMessage.sized(number, 1000));
        }
        assertThat(queue.status().delayed()).isEqualTo(5000);
        assertThat(queue.status().bytes()).isEqualTo(5_000_000);
        assertThat(queues.heap(0)).isLessThan(5000 * 10);

        queues.advance(DAY - 5 * SECOND);
        assertThat(store.readCalls()).isZero();

        var consumer = queues.consumer(queue).credit(5000);
        queues.advance(30 * DAY + 10 * SECOND);
        assertThat(consumer.numbers).isEqualTo(sorted(dueAtMs));
        assertThat(queues.heap(0)).isEqualTo(5000 * (1000 + HeapShare.MESSAGE_BYTES));
        consumer.settleAll();
        assertThat(queues.heap(0)).isZero();
    }

    private static List<Integer> sorted(Map<Integer, Long> dueAtMs) {
        var numbers = new ArrayList<>(dueAtMs.keySet());
        numbers.sort(
                Comparator.comparing((Integer number) -> dueAtMs.get(number)).thenComparing(number -> number));
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void comesOnceAndNeverEarlyWhateverHappens(int seed) {
        var random = new SplittableRandom(seed);
        var dueAtMs = new HashMap<Integer, Long>();
        var consumer = queues.consumer(queue).credit(1_000_000);
        var seen = new ArrayList<Integer>();
        int last = 0;
        for (int step = 0; step < 200; step++) {
            for (int i = random.nextInt(60); i > 0; i--) {
                long delayMs = 1 + random.nextLong(1L << random.nextInt(4, 30));
                dueAtMs.put(++last, queues.now() + delayMs);
                queues.publishFor(queues.now() + delayMs, queue, message(last));
            }
            queues.advance(random.nextLong(1L << random.nextInt(4, 26)));
            for (int number : consumer.numbers.subList(seen.size(), consumer.numbers.size())) {
                assertThat(dueAtMs.get(number)).isLessThanOrEqualTo(queues.now());
            }
            seen = new ArrayList<>(consumer.numbers);
            assertThat(seen).doesNotHaveDuplicates();
            assertThat(queue.status().delayed() + seen.size()).isEqualTo(last);
            if (random.nextInt(10) == 0) {
                consumer.settleAll();
                seen.forEach(dueAtMs::remove);
                last = 0;
                var left = new HashMap<>(dueAtMs);
                restart();
                consumer = queues.consumer(queue).credit(1_000_000);
                seen.clear();
                dueAtMs = left;
                last = left.size();
                break;
            }
        }
        queues.advance(1L << 31);

        assertThat(consumer.numbers).containsExactlyInAnyOrderElementsOf(dueAtMs.keySet());
        assertThat(queue.status().delayed()).isZero();
    }

    @Test
    void keepsItsTimeOverARestart() {
        long startMs = queues.now();
        for (int number = 1; number <= 2000; number++) {
            queues.publishFor(startMs + HOUR + (number * 7919 % 2000) * SECOND, queue, message(number));
        }
        queues.publishFor(startMs + SECOND, queue, message(9000));
        queues.advance(30 * SECOND);
        var dueAtMs = new HashMap<Integer, Long>();
        for (int number = 1; number <= 2000; number++) {
            dueAtMs.put(number, startMs + HOUR + (number * 7919 % 2000) * SECOND);
        }

        restart();
        var consumer = queues.consumer(queue);
        assertThat(queue.status().delayed()).isEqualTo(2000);
        consumer.drain(10);
        assertThat(consumer.told).containsExactly("9000", "drained");

        consumer.credit(5000);
        queues.advance(HOUR - 31 * SECOND);
        assertThat(consumer.numbers).hasSize(1);
        queues.advance(2001 * SECOND);
        assertThat(consumer.numbers.subList(1, 2001)).isEqualTo(sorted(dueAtMs));
    }

    @Test
    void isInTheQueueOnceMoreWhenItsTimeCameWhileTheBrokerWasDown() {
        long startMs = queues.now();
        queues.publishFor(startMs + 2 * HOUR, queue, message(2));
        queues.publishFor(startMs + HOUR, queue, message(1));

        queues = Queues.recovered(store.afterCrash(), Long.MAX_VALUE, queue);
        queue = queues.queues.get("q");
        queues.setClock(DAY);
        queues.advance(61 * SECOND);

        var consumer = queues.consumer(queue).credit(10);
        assertThat(consumer.numbers).containsExactly(1, 2);
        assertThat(consumer.unsettled).allMatch(delivery -> delivery.firstAcquirer(), "nobody had it");
    }

    @Test
    void mayHaveBeenSeenIfItWasDueBeforeTheRestart() {
        queues.publishFor(queues.now() + SECOND, queue, message(1));
        queues.publishFor(queues.now() + HOUR, queue, message(2));
        queues.advance(2 * SECOND);
        long nowMs = queues.now();
        queues = Queues.recovered(store.afterCrash(), Long.MAX_VALUE, nowMs, queue);
        queue = queues.queues.get("q");

        var consumer = queues.consumer(queue).credit(10);
        queues.advance(2 * HOUR);

        assertThat(consumer.unsettled.stream().map(delivery -> delivery.firstAcquirer()))
                .containsExactly(false, true);
    }

    @Test
    void livesAsLongAsItsTtlSaysFromThatTimeOn() {
        MessageQueue brief =
                queues.queue(QueueSpec.named("brief").ttlMs(10 * SECOND).build());
        queues.publishFor(queues.now() + HOUR, brief, message(1));

        queues.advance(HOUR + 9 * SECOND);
        assertThat(brief.status().ready()).isEqualTo(1);

        queues.advance(2 * SECOND);
        assertThat(brief.status().expired()).isEqualTo(1);
        assertThat(store.positions(brief.id())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {5 * SECOND, 2 * HOUR})
    void diesWhenItsLastMomentComesBeforeIt(long expiresMs) {
        MessageQueue dead = queues.queue(QueueSpec.named("dead").build());
        queues.routes.put("q", List.of(dead));
        queues.publishFor(queues.now() + DAY, queues.now() + expiresMs, queue, message(1));

        queues.advance(expiresMs + SECOND);

        assertThat(queue.status().deadLettered()).isEqualTo(Map.of(DeathReason.EXPIRED, 1L));
        assertThat(queues.consumer(dead).credit(1).numbers).containsExactly(1);
    }

    @Test
    void standsInTheLineOfItsPriorityWhenItsTimeHasCome() {
        MessageQueue ranked =
                queues.queue(QueueSpec.named("ranked").priorities(10).build());
        queues.publishFor(queues.now() + HOUR, ranked, NumberedMessage.of(1, 9), NumberedMessage.of(2, 0));
        queues.publish(ranked, NumberedMessage.of(3, 4));

        queues.advance(HOUR + 20);

        assertThat(queues.consumer(ranked).credit(10).numbers).containsExactly(1, 3, 2);
    }

    @Test
    void goesWithAPurge() {
        queues.publishFor(queues.now() + DAY, queue, message(1), message(2));
        queues.publishFor(queues.now() + SECOND, queue, message(3));
        queues.publishFor(queues.now() + 12 * SECOND, queue, message(4));
        queues.publish(queue, message(5));

        CompletionStage<Long> purged = queue.purge();
        queues.settle();

        assertThat(purged.toCompletableFuture()).isCompletedWithValue(5L);
        assertThat(queue.status().messages()).isZero();
        assertThat(queue.status().bytes()).isZero();
        assertThat(store.positions(queue.id())).isEmpty();
        assertThat(queues.heap(0)).isZero();
    }

    @Test
    void staysWhenTheStoreDoesNotKeepAPurge() {
        queues.publishFor(queues.now() + DAY, queue, message(1));
        store.fail(new StoreException("the disk is full"));
        CompletionStage<Long> purged = queue.purge();
        queues.settle();
        store.fail(null);

        assertThat(purged.toCompletableFuture()).isCompletedExceptionally();
        assertThat(queue.status().delayed()).isEqualTo(1);
        queues.advance(DAY + 20);
        assertThat(queues.consumer(queue).credit(1).numbers).containsExactly(1);
    }

    @Test
    void countsForTheLimitAndIsDroppedWhenNothingElseIsLeft() {
        MessageQueue small = queues.queue(QueueSpec.named("small")
                .limit(new QueueLimit(3, QueueLimit.UNLIMITED, Overflow.DROP_HEAD))
                .build());
        for (int number = 1; number <= 5; number++) {
            queues.publishFor(queues.now() + number * HOUR, small, message(number));
        }

        assertThat(small.status().messages()).isEqualTo(3);
        queues.advance(DAY);
        assertThat(queues.consumer(small).credit(10).numbers).containsExactly(3, 4, 5);
    }

    @Test
    void isNotMisledByAClockThatIsSet() {
        var consumer = queues.consumer(queue).credit(10);
        queues.publishFor(queues.now() + HOUR, queue, message(1));
        queues.publishFor(queues.now() + DAY, queue, message(2));

        queues.setClock(-10 * HOUR);
        queues.advance(10 * HOUR);
        assertThat(consumer.numbers).isEmpty();

        queues.setClock(10 * HOUR);
        queues.advance(61 * SECOND);
        assertThat(consumer.numbers).containsExactly(1);
        queues.setClock(14 * HOUR);
        queues.advance(61 * SECOND);
        assertThat(consumer.numbers).containsExactly(1, 2);
    }

    @Test
    void waitsForAStoreThatCannotReadAndIsGoneWhenItLostIt() {
        var consumer = queues.consumer(queue).credit(10);
        queues.publishFor(queues.now() + HOUR, queue, message(1), message(2));
        store.failReads(new StoreException("no such device"));
        queues.advance(HOUR + 5 * SECOND);
        assertThat(consumer.numbers).isEmpty();

        store.lose(queue.id(), store.positions(queue.id()).get(0));
        store.failReads(null);
        queues.advance(2 * SECOND);

        assertThat(consumer.numbers).containsExactly(2);
        assertThat(queue.status().messages()).isEqualTo(1);
        assertThat(queue.status().bytes()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(longs = {10 * SECOND, 2 * HOUR})
    void mayBeOneThatAConsumerGaveBackForLater(long delayMs) {
        var consumer = queues.consumer(queue).credit(10);
        queues.publish(queue, message(1));
        long dueAtMs = queues.now() + delayMs;
        consumer.settle(1, new Outcome.Modified(false, false, Map.of("x-why", "later"), dueAtMs));
        assertThat(queues.heap(0) < 10).isEqualTo(delayMs > HOUR);
        queues.advance(delayMs - 1);
        assertThat(consumer.numbers).containsExactly(1);
        assertThat(queue.status().delayed()).isEqualTo(1);

        queues.advance(11);

        assertThat(consumer.numbers).containsExactly(1, 1);
        Overlay overlay = consumer.unsettled.get(0).overlay();
        assertThat(overlay.annotations()).containsEntry("x-why", "later");
        assertThat(overlay.deliveryCount()).isZero();
        consumer.settleAll();
        assertThat(queue.status().messages()).isZero();
    }

    @Test
    void isForgottenWithItsQueue() {
        queues.publishFor(queues.now() + HOUR, queue, message(1));
        queues.on(
                0,
                () -> queue.delete(
                        new io.turnstone.api.Refusal(io.turnstone.api.Condition.RESOURCE_DELETED, "gone"),
                        MessageQueue.DeleteIf.ALWAYS));

        queues.advance(2 * HOUR);

        assertThat(queue.status().messages()).isZero();
        assertThat(queues.heap(0)).isZero();
    }

    @Test
    void waitsOnTheHeapInAQueueThatIsNotStored() {
        MessageQueue fleeting =
                queues.queue(QueueSpec.named("fleeting").durable(false).build());
        queues.enqueueFor(queues.now() + HOUR, fleeting, message(1), message(2));
        queues.advance(HOUR - 1);
        assertThat(fleeting.status().delayed()).isEqualTo(2);

        queues.advance(11);

        assertThat(queues.consumer(fleeting).credit(10).numbers).containsExactly(1, 2);
    }

    @Test
    void makesABacklogThatLeavesTheHeapWhateverTheOrderOfTheLog() {
        queues = new Queues(1, store, 400_000);
        queue = queues.queue(QueueSpec.named("q").build());
        long startMs = queues.now();
        for (int number = 1; number <= 5000; number++) {
            queues.publishFor(startMs + HOUR + number * 7919 % 5000, queue, message(number));
        }
        queues.advance(HOUR + 10 * SECOND);

        assertThat(queue.status().ready()).isEqualTo(5000);
        assertThat(queues.heap(0)).isLessThan(400_000);
        var order = new ArrayList<Integer>();
        for (int number = 1; number <= 5000; number++) {
            order.add(number);
        }
        order.sort(Comparator.comparing((Integer number) -> number * 7919 % 5000));
        assertThat(queues.consumer(queue).credit(5000).numbers).isEqualTo(order);
    }

    @Test
    void isKnownByItsTimeToTheStore() {
        long dueAtMs = queues.now() + HOUR;
        var overlay = Overlay.arrival("", "", queues.now(), Message.NONE).availableAt(dueAtMs);

        var marks = OverlayCodec.marks(message(1), overlay, List.of(queue));

        assertThat(marks.level(3)).isEqualTo(io.turnstone.api.store.Marks.DELAYED_LEVEL);
        assertThat(marks.expiresAtMs()).isEqualTo(dueAtMs);
    }
}
