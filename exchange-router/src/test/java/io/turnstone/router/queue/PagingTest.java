package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.FakeStore;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A deep queue")
class PagingTest {

    private static final int MANY = 10_000;

    /** Of entries of 10 bytes and their overhead: about a tenth of them. */
    private static final long SHARE = MANY / 10 * (HeapShare.MESSAGE_BYTES + 10);

    private final FakeStore store = FakeStore.automatic();
    private Queues queues = new Queues(1, store, SHARE);
    private MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    private void publish(int from, int to) {
        publish(queue, from, to);
    }

    /** A few at a time, as turns of a loop do. */
    private void publish(MessageQueue to, int first, int last) {
        for (int from = first; from <= last; from += 50) {
            queues.publish(
                    to,
                    IntStream.rangeClosed(from, Math.min(last, from + 49))
                            .mapToObj(NumberedMessage::of)
                            .toArray(Message[]::new));
        }
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    private void restart(long heapBytes) {
        queues = Queues.recovered(store.afterCrash(), heapBytes, queue);
        queue = queues.queues.get("q");
    }

    @Test
    void keepsItsHeadAndItsEndOnTheHeapAndDeliversAllInOrder() {
        publish(1, MANY);

        assertThat(queue.status().ready()).isEqualTo(MANY);
        assertThat(queue.status().bytes()).isEqualTo(10 * MANY);
        assertThat(queues.heap(0)).isLessThan(SHARE);
        assertThat(queues.consumer(queue).credit(MANY).numbers).isEqualTo(numbers(1, MANY));
    }

    @Test
    void keepsAllWhileThereIsHeap() {
        publish(1, 500);

        assertThat(queues.consumer(queue).credit(500).numbers).hasSize(500);
        assertThat(store.readCalls()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, SHARE, Long.MAX_VALUE / 2})
    void isThereAfterARestart(long heapBytes) {
        publish(1, MANY);

        restart(heapBytes);

        assertThat(queue.status().ready()).isEqualTo(MANY);
        assertThat(queue.status().bytes()).isEqualTo(10 * MANY);
        assertThat(queues.heap(0)).isLessThan(SHARE);
        var consumer = queues.consumer(queue).credit(MANY);
        assertThat(consumer.numbers).isEqualTo(numbers(1, MANY));
        assertThat(consumer.unsettled).noneMatch(delivery -> delivery.firstAcquirer());
    }

    @Test
    void makesRoomForWhatCannotBePagedOut() {
        publish(1, 400);
        queues.enqueue(queue, 401, 1200);
        assertThat(queues.heap(0)).isGreaterThan(SHARE);

        queues.advance(1000);

        assertThat(queues.heap(0)).isLessThan(SHARE);
        assertThat(queues.consumer(queue).credit(MANY).numbers).isEqualTo(numbers(1, 1200));
    }

    @Test
    void readsAheadSoThatADrainDoesNotWaitForEachRun() {
        queues = new Queues(1, store, 8 * SHARE);
        queue = queues.queue(QueueSpec.named("q").build());
        publish(1, MANY);
        long before = store.readCalls();
        assertThat(queues.heap(0)).isLessThan(5 * SHARE);

        queues.consumer(queue, 0, Queues.request(true, false, 0, Long.MAX_VALUE / 2))
                .credit(MANY);

        assertThat(store.readCalls() - before).isBetween(1L, MANY / 500L);
    }

    @Test
    void remembersWhoHasSeenWhat() {
        publish(1, 64);
        var consumer = queues.consumer(queue).credit(64);
        consumer.settle(7, Outcome.RELEASED);
        consumer.close(false);
        publish(65, MANY);
        queues.enqueue(queue, 1, 4000);
        queues.advance(1000);

        var next = queues.consumer(queue).credit(100);

        assertThat(store.readCalls()).isPositive();
        assertThat(next.unsettled.subList(0, 64)).noneMatch(delivery -> delivery.firstAcquirer());
        assertThat(next.unsettled.subList(64, 100)).allMatch(delivery -> delivery.firstAcquirer());
    }

    @Test
    void answersADrainAfterWhatHadToBeRead() {
        publish(1, MANY);
        restart(1);
        var consumer = queues.consumer(queue);

        consumer.drain(MANY + 10);

        assertThat(consumer.told).hasSize(MANY + 1).endsWith(String.valueOf(MANY), "drained");
    }

    @Test
    void waitsForALevelThatHasToBeReadRatherThanDeliverALowerOne() {
        manualReads(QueueSpec.named("q").priorities(10).build());
        store(NumberedMessage.of(1, 0), NumberedMessage.of(2, 9));
        restartManually();
        queues.publish(queue, NumberedMessage.of(3, 5));
        queues.store.commit();
        queues.settle();

        var consumer = queues.consumer(queue).credit(10);

        assertThat(consumer.numbers).isEmpty();
        queues.settleReads();
        assertThat(consumer.numbers).containsExactly(2, 3, 1);
    }

    @Test
    void triesAgainWhenItCannotBeReadAndAnswersNoDrainMeanwhile() {
        publish(1, MANY);
        restart(1);
        queues.store.failReads(new StoreException("no disk"));
        var consumer = queues.consumer(queue);

        consumer.drain(MANY + 1);
        queues.advance(5000);
        assertThat(consumer.told).isEmpty();

        queues.store.failReads(null);
        queues.advance(1000);
        assertThat(consumer.told).hasSize(MANY + 1).endsWith("drained");
    }

    @Test
    void goesOnWithoutWhatIsLost() {
        publish(1, 200);
        restart(1);
        var positions = queues.store.positions(queue.id());
        for (int i = 64; i < 128; i++) {
            queues.store.lose(queue.id(), positions.get(i));
        }
        queues.store.lose(queue.id(), positions.get(199));

        var consumer = queues.consumer(queue).credit(1000);

        assertThat(consumer.numbers)
                .isEqualTo(IntStream.rangeClosed(1, 199)
                        .filter(n -> n <= 64 || n > 128)
                        .boxed()
                        .toList());
        assertThat(queue.status().messages()).isEqualTo(135);
        assertThat(queue.status().bytes()).isEqualTo(1350);
        consumer.settleAll();
        assertThat(queue.status().messages()).isZero();
        assertThat(queues.heap(0)).isZero();
    }

    @Test
    void showsABrowserEverythingAndForgetsItBehindIt() {
        publish(1, MANY);

        var browser = queues.consumer(queue, 0, Queues.browser()).credit(MANY + 1);

        assertThat(browser.numbers).isEqualTo(numbers(1, MANY));
        queues.advance(200);
        assertThat(queues.heap(0)).isLessThan(SHARE);
        browser.drain(10);
        assertThat(browser.told).endsWith("drained");
    }

    @Test
    void isPurgedWithoutBeingRead() {
        publish(1, MANY);
        restart(1);
        long reads = queues.store.readCalls();

        var purged = queue.purge();
        queues.settle();

        assertThat(purged.toCompletableFuture().join()).isEqualTo(MANY);
        assertThat(queues.store.readCalls()).isEqualTo(reads);
        assertThat(queue.status().messages()).isZero();
        assertThat(queue.status().bytes()).isZero();
        assertThat(queues.store.positions(queue.id())).isEmpty();
        assertThat(queues.heap(0)).isZero();
        publish(1, 10);
        assertThat(queues.consumer(queue).credit(10).numbers).isEqualTo(numbers(1, 10));
    }

    @Test
    void keepsWhatTheStoreDoesNotPurge() {
        publish(1, MANY);
        restart(1);
        queues.store.fail(new StoreException("no disk"));

        CompletionStage<Long> purged = queue.purge();
        queues.settle();
        queues.advance(2000);

        assertThat(purged.toCompletableFuture()).isCompletedExceptionally();
        queues.store.fail(null);
        assertThat(queue.status().ready()).isEqualTo(MANY);
        assertThat(queues.consumer(queue).credit(MANY).numbers).isEqualTo(numbers(1, MANY));
    }

    @Test
    void canBeDeletedWhileItIsRead() {
        manualReads(QueueSpec.named("q").build());
        store(NumberedMessage.of(1));
        restartManually();
        var consumer = queues.consumer(queue).credit(1);
        var deleted = queue.delete(
                new io.turnstone.api.Refusal(io.turnstone.api.Condition.RESOURCE_DELETED, "gone"),
                MessageQueue.DeleteIf.ALWAYS);
        queues.settle();

        queues.settleReads();

        assertThat(deleted.toCompletableFuture().join()).isEqualTo(1);
        assertThat(consumer.numbers).isEmpty();
        assertThat(queues.heap(0)).isZero();
    }

    @Test
    void dropsItsHeadWhenThatHasToBeRead() {
        queue = queues.queue(QueueSpec.named("q")
                .limit(new QueueLimit(5000, QueueLimit.UNLIMITED, Overflow.DROP_HEAD))
                .build());
        publish(1, 5000);
        restart(1);

        publish(5001, 6000);
        queues.settle();

        assertThat(queue.status().ready()).isEqualTo(5000);
        assertThat(queue.status().dropped()).isEqualTo(1000);
        assertThat(queues.consumer(queue).credit(1).numbers).containsExactly(1001);
    }

    @Test
    void expiresWhatIsNotOnTheHeapInTime() {
        var dead = queues.queue(QueueSpec.named("dead").build());
        queue = queues.queue(QueueSpec.named("q").ttlMs(60_000).build());
        queues.routes.put("q", List.of(dead));
        publish(1, 3000);
        queues.advance(30_000);
        publish(3001, 6000);

        queues = Queues.recovered(store.afterCrash(), SHARE / 10, queue, dead);
        queue = queues.queues.get("q");
        queues.routes.put("q", List.of(queues.queues.get("dead")));
        queues.advance(59_999);
        assertThat(queue.status().ready()).isEqualTo(6000);
        queues.advance(1000);
        assertThat(queue.status().ready()).isEqualTo(3000);
        queues.advance(30_000);

        assertThat(queue.status().messages()).isZero();
        assertThat(queue.status().expired()).isEqualTo(6000);
        assertThat(queues.consumer(queues.queues.get("dead")).credit(MANY).numbers)
                .containsExactlyInAnyOrderElementsOf(numbers(1, 6000));
    }

    @Test
    void keepsTheTimeOfARetryThroughARestart() {
        queue = queues.queue(QueueSpec.named("q")
                .retry(new RetrySpec(3, RetrySpec.Backoff.FIXED, 60_000, 60_000, 0))
                .build());
        publish(1, 3);
        queues.consumer(queue).credit(1).fail(1);

        restart(Long.MAX_VALUE);

        assertThat(queue.status().delayed()).isEqualTo(1);
        var consumer = queues.consumer(queue).credit(10);
        assertThat(consumer.numbers).containsExactly(2, 3);
        queues.advance(60_010);
        assertThat(consumer.numbers).containsExactly(2, 3, 1);
    }

    @Test
    void keepsNothingOnTheHeapAfterARestartUntilItIsNeededAndKnowsHowOldItIs() {
        publish(1, 3);
        long arrivedAtMs = queues.now();
        queues.advance(5000);

        restart(Long.MAX_VALUE);

        assertThat(queue.status().oldestAtMs()).isEqualTo(arrivedAtMs);
        assertThat(queue.status().ready()).isEqualTo(3);
        assertThat(queues.heap(0)).isLessThan(HeapShare.MESSAGE_BYTES);
        assertThat(queues.consumer(queue).credit(3).numbers).containsExactly(1, 2, 3);
    }

    @Test
    void isReadAfterARestartWhenItIsOneOfManyByAndBy() {
        queues = new Queues(1, store, Long.MAX_VALUE);
        var many = IntStream.range(0, 100)
                .mapToObj(i -> queues.queue(QueueSpec.named("q" + i).build()))
                .toArray(MessageQueue[]::new);
        for (var each : many) {
            publish(each, 1, 1);
        }
        var after = store.afterCrash();
        queues = Queues.recovered(after, Long.MAX_VALUE, many);
        assertThat(after.readCalls()).isLessThan(20);

        queues.advance(2000);

        assertThat(after.readCalls()).isEqualTo(100);
        assertThat(queues.queues.values())
                .allSatisfy(each -> assertThat(each.status().oldestAtMs()).isNotEqualTo(Message.NONE));
        assertThat(queues.heap(0)).isLessThan(100 * HeapShare.MESSAGE_BYTES);
    }

    @Test
    void isOneOfMany() {
        queues = new Queues(1, store, SHARE);
        for (int i = 0; i < 500; i++) {
            publish(queues.queue(QueueSpec.named("q" + i).build()), 1, 20);
        }
        queues.advance(1000);

        assertThat(queues.heap(0)).isLessThanOrEqualTo(SHARE + 4 * MANY);
        for (int i = 0; i < 500; i++) {
            publish(queues.queues.get("q" + i), 21, 30);
        }
        for (int i = 0; i < 500; i++) {
            assertThat(queues.consumer(queues.queues.get("q" + i)).credit(40).numbers)
                    .isEqualTo(numbers(1, 30));
        }
    }

    private void manualReads(QueueSpec spec) {
        queues = new Queues(1, FakeStore.manual(), 1);
        queue = queues.queue(spec);
    }

    private void store(Message... messages) {
        queues.publish(queue, messages);
        queues.store.commit();
        queues.settle();
    }

    private void restartManually() {
        queues = Queues.recovered(queues.store.afterCrash(), 1, queue);
        queue = queues.queues.get("q");
    }
}
