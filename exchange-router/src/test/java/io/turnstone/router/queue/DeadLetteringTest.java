package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.StoreException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A dead message")
class DeadLetteringTest {

    private static final Outcome REJECTED = new Outcome.Rejected("bad:data", "no price");

    private final Queues queues = new Queues(2, FakeStore.manual());
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());
    private final MessageQueue dead = queues.queue(QueueSpec.named("dead").build(), 1);

    private void commit() {
        queues.store.commit();
        queues.settle();
    }

    private void publish(int... numbers) {
        for (int number : numbers) {
            queues.publish(queue, NumberedMessage.of(number));
        }
        commit();
    }

    @Test
    void movesWithOneRecordAndTellsItsStory() {
        queues.routes.put("q", List.of(dead));
        publish(1, 2);
        var consumer = queues.consumer(queue).credit(2);
        consumer.settle(1, REJECTED);

        assertEquals(1, queues.store.waiting());
        assertEquals(List.of(), consumer.settled);
        commit();

        assertEquals(List.of(1), consumer.settled);
        assertEquals(Map.of(DeathReason.REJECTED, 1L), queue.status().deadLettered());
        assertEquals(1, queue.status().messages());
        var overlay = queues.consumer(dead).credit(1).unsettled.get(0).overlay();
        long now = queues.now();
        assertEquals(
                List.of(new Death("q", DeathReason.REJECTED, 1, now, now, "", List.of("key"), "bad:data: no price")),
                overlay.deaths());
    }

    @Test
    void takesWhatIsUndeliverableInAQueueThatWasDeclaredByType() {
        MessageQueue typed = queues.queue(QueueSpec.named("typed")
                .arguments(Map.of("x-queue-type", "quorum"))
                .build());
        queues.routes.put("typed", List.of(dead));
        queues.publish(typed, NumberedMessage.of(1));
        commit();
        var consumer = queues.consumer(typed).credit(1);

        consumer.settle(1, new Outcome.Modified(true, true, Map.of("x-opt-why", "broken")));
        commit();

        assertEquals(List.of(1), consumer.settled);
        assertEquals(0, typed.status().messages());
        var overlay = queues.consumer(dead).credit(1).unsettled.get(0).overlay();
        assertEquals(DeathReason.REJECTED, overlay.deaths().get(0).reason());
        assertEquals(1, overlay.deliveryCount());
        assertEquals("broken", overlay.annotations().get("x-opt-why"));
    }

    @Test
    void isInExactlyOneQueueAfterACrashAtAnyCommit() {
        queues.routes.put("q", List.of(dead));
        publish(1, 2, 3);
        var consumer = queues.consumer(queue).credit(3);
        for (int number = 1; number <= 3; number++) {
            consumer.settle(number, REJECTED);
            assertCrashKeepsThree();
            commit();
            assertCrashKeepsThree();
        }
        assertEquals(3, dead.status().ready());
    }

    private void assertCrashKeepsThree() {
        var again = Queues.recovered(queues.store.afterCrash(), queue, dead);
        var numbers = new java.util.TreeSet<Integer>();
        int count = 0;
        for (String name : List.of("q", "dead")) {
            var consumer = again.consumer(again.queues.get(name)).credit(10);
            again.settleReads();
            numbers.addAll(consumer.numbers);
            count += consumer.numbers.size();
        }
        assertEquals(List.of(1, 2, 3), List.copyOf(numbers));
        assertEquals(3, count);
    }

    @Test
    void staysInItsQueueUntilItsDeadLetterQueueIsMade() {
        queues.unmade.put("q", new CompletableFuture<>());
        publish(1);
        var consumer = queues.consumer(queue).credit(10);
        consumer.settle(1, REJECTED);
        commit();
        assertEquals(List.of(1), consumer.numbers);
        assertEquals(1, queue.status().messages());
        assertEquals(1, queues.store.positions(queue.id()).size());

        queues.made(queue, dead);
        commit();

        assertEquals(0, queue.status().messages());
        assertEquals(1, dead.status().ready());
        assertEquals(List.of(1), consumer.settled);
    }

    @Test
    void isTriedAgainWhenItsDeadLetterQueueCannotBeMade() {
        var first = new CompletableFuture<Void>();
        queues.unmade.put("q", first);
        publish(1);
        queues.consumer(queue).credit(1).settle(1, REJECTED);
        queues.on(0, () -> first.completeExceptionally(new StoreException("full")));
        assertEquals(1, queue.status().messages());

        queues.unmade.clear();
        queues.routes.put("q", List.of(dead));
        queues.advance(1000);
        commit();

        assertEquals(1, dead.status().ready());
    }

    @Test
    void isHeldWhenTheStoreFailsAndMovesWhenItHeals() {
        queues.routes.put("q", List.of(dead));
        publish(1);
        var consumer = queues.consumer(queue).credit(5);
        queues.store.fail(new StoreException("disk full"));
        consumer.settle(1, REJECTED);
        commit();
        assertEquals(List.of(), consumer.settled);
        assertEquals(1, queue.status().messages());
        assertEquals(0, dead.status().messages());

        queues.store.fail(null);
        queues.advance(1000);
        commit();

        assertEquals(List.of(1), consumer.settled);
        assertEquals(1, dead.status().ready());
    }

    @Test
    void goesThroughMemoryWhenItIsNotStored() {
        queues.routes.put("q", List.of(dead));
        queues.enqueue(queue, 1, 1);
        queues.consumer(queue).credit(1).settle(1, REJECTED);

        assertEquals(0, queue.status().messages());
        assertEquals(1, dead.status().ready());
        assertEquals(0, queues.store.waiting());
    }

    @Test
    void entersAQueueThatIsNotDurableAfterItsRemovalIsCommitted() {
        MessageQueue fleeting =
                queues.queue(QueueSpec.named("fleeting").durable(false).build(), 1);
        queues.routes.put("q", List.of(fleeting));
        publish(1);
        queues.consumer(queue).credit(1).settle(1, REJECTED);
        assertEquals(0, fleeting.status().messages());

        commit();

        assertEquals(1, fleeting.status().ready());
        assertEquals(List.of(), queues.store.positions(queue.id()));
    }

    @Test
    void ignoresTheLimitOfItsDeadLetterQueue() {
        MessageQueue small = queues.queue(QueueSpec.named("small")
                .limit(new QueueLimit(1, QueueLimit.UNLIMITED, io.turnstone.api.Overflow.DROP_HEAD))
                .build());
        queues.routes.put("q", List.of(small));
        publish(1, 2, 3);
        var consumer = queues.consumer(queue).credit(3);
        consumer.settle(1, REJECTED);
        consumer.settle(2, REJECTED);
        consumer.settle(3, REJECTED);
        commit();

        assertEquals(3, small.status().ready());
    }

    @Test
    void goesToAllItsDeadLetterQueuesAtOnce() {
        MessageQueue other = queues.queue(QueueSpec.named("other").ttlMs(60_000).build());
        queues.routes.put("q", List.of(dead, other));
        publish(1);
        queues.consumer(queue).credit(1).settle(1, REJECTED);
        assertEquals(1, queues.store.waiting());
        commit();

        var again = Queues.recovered(queues.store.afterCrash(), queue, dead, other);

        assertEquals(0, again.queues.get("q").status().messages());
        assertEquals(Message.NONE, expiry(again, "dead"));
        assertEquals(queues.now() + 60_000, expiry(again, "other"));
    }

    private static long expiry(Queues again, String name) {
        var consumer = again.consumer(again.queues.get(name));
        consumer.credit(1);
        again.settleReads();
        return consumer.unsettled.get(0).overlay().expiresAtMs();
    }

    @Test
    void startsAnewWhenItsDeadLetterQueueIsItsOwn() {
        queues.routes.put("q", List.of(queue));
        publish(1, 2);
        var consumer = queues.consumer(queue).credit(3);
        consumer.settle(1, REJECTED);
        commit();

        assertEquals(List.of(1, 2, 1), consumer.numbers);
        assertEquals(1, consumer.unsettled.get(1).overlay().deaths().size());
        assertEquals(2, queues.store.positions(queue.id()).size());
        consumer.accept(1);
        commit();
        assertEquals(1, queues.store.positions(queue.id()).size());
    }

    @Test
    void countsItsDeathsByQueueAndReasonLatestFirst() {
        var overlay = io.turnstone.api.Overlay.arrival("x", "k", 1, Message.NONE);
        overlay = DeathHistory.died(overlay, "a", DeathReason.EXPIRED, 10, null);
        overlay = DeathHistory.died(overlay, "b", DeathReason.REJECTED, 20, "no");
        overlay = DeathHistory.died(overlay, "a", DeathReason.EXPIRED, 30, null);

        assertEquals(
                List.of(
                        new Death("a", DeathReason.EXPIRED, 2, 10, 30, "x", List.of("k"), null),
                        new Death("b", DeathReason.REJECTED, 1, 20, 20, "x", List.of("k"), "no")),
                overlay.deaths());
        assertEquals(30, overlay.arrivedAtMs());
    }
}
