package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A failed delivery")
class QueueRetryTest {

    private final Queues queues = Queues.simple();
    private final MessageQueue dead = queues.queue(QueueSpec.named("dead").build());

    private MessageQueue queue(RetrySpec retry) {
        queues.routes.put("q", List.of(dead));
        return queues.queue(QueueSpec.named("q").retry(retry).build());
    }

    @Test
    void isConfirmedThoughTheStoreDoesNotKeepTheCount() {
        var queues = Queues.simple();
        MessageQueue queue = queues.queue(QueueSpec.named("q").build());
        queues.publish(queue, NumberedMessage.of(1));
        var consumer = queues.consumer(queue).credit(1);
        queues.store.fail(new io.turnstone.api.store.StoreException("the disk is full"));

        consumer.fail(1);

        assertEquals(List.of(1), consumer.settled);
        assertEquals(1, queue.status().ready());
    }

    @Test
    void waitsLongerByTheFirstWaitEachTimeWhenThatIsLinear() {
        var retry = new RetrySpec(10, RetrySpec.Backoff.LINEAR, 100, 250, 0);
        var dice = new SplittableRandom(1);

        assertEquals(100, Retry.waitMs(retry, 1, dice));
        assertEquals(200, Retry.waitMs(retry, 2, dice));
        assertEquals(250, Retry.waitMs(retry, 3, dice));
        assertEquals(250, Retry.waitMs(retry, Integer.MAX_VALUE, dice));
    }

    @Test
    void comesAgainAtOnceAndDiesAfterItsAttempts() {
        MessageQueue queue = queue(new RetrySpec(3, RetrySpec.Backoff.FIXED, 0, 0, 0));
        queues.publish(queue, NumberedMessage.of(1));
        var consumer = queues.consumer(queue).credit(10);
        for (int attempt = 0; attempt < 3; attempt++) {
            assertEquals(attempt, consumer.unsettled.get(0).overlay().attempts());
            assertEquals(attempt, consumer.unsettled.get(0).overlay().deliveryCount());
            consumer.fail(1);
        }

        assertEquals(List.of(1, 1, 1), consumer.numbers);
        assertEquals(List.of(1, 1, 1), consumer.settled);
        assertEquals(Map.of(DeathReason.DELIVERY_LIMIT, 1L), queue.status().deadLettered());
        var overlay = queues.consumer(dead).credit(1).unsettled.get(0).overlay();
        assertEquals(0, overlay.attempts());
        assertEquals(3, overlay.deliveryCount());
    }

    @Test
    void waitsLongerEachTimeAndBlocksNobody() {
        MessageQueue queue = queue(new RetrySpec(10, RetrySpec.Backoff.EXPONENTIAL, 1000, 3000, 0));
        queues.enqueue(queue, 1, 2);
        var consumer = queues.consumer(queue).credit(100);
        for (int wait : List.of(1000, 2000, 3000, 3000)) {
            int before = consumer.numbers.size();
            consumer.fail(1);
            queues.enqueue(queue, NumberedMessage.of(before + 100));
            assertEquals(before + 1, consumer.numbers.size());
            assertEquals(1, queue.status().delayed());

            queues.advance(wait - 1);
            assertEquals(before + 1, consumer.numbers.size());

            queues.advance(11);
            assertEquals(1, consumer.numbers.get(before + 1));
        }
    }

    @Test
    void returnsToItsOldPlaceAfterTheWait() {
        MessageQueue queue = queue(new RetrySpec(10, RetrySpec.Backoff.FIXED, 100, 100, 0));
        queues.enqueue(queue, 1, 5);
        var consumer = queues.consumer(queue).credit(2);
        consumer.fail(2);
        consumer.fail(1);
        queues.advance(200);

        consumer.credit(3);

        assertEquals(List.of(1, 2, 1, 2, 3), consumer.numbers);
    }

    @Test
    void waitsAtMostAsLongAsConfiguredAndNotAlwaysTheSame() {
        var spec = new RetrySpec(10, RetrySpec.Backoff.EXPONENTIAL, 1000, 8000, 0.5);
        var random = new SplittableRandom(1);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 1000; i++) {
            long wait = Retry.waitMs(spec, 1 + i % 60, random);
            least = Math.min(least, wait);
            most = Math.max(most, wait);
        }
        assertTrue(least >= 500 && least < 600, "least " + least);
        assertTrue(most > 7000 && most <= 8000, "most " + most);
    }

    @Test
    void keepsItsCountAndItsTimeOverARestart() {
        MessageQueue queue = queue(new RetrySpec(10, RetrySpec.Backoff.FIXED, 5000, 5000, 0));
        queues.publish(queue, NumberedMessage.of(1));
        var consumer = queues.consumer(queue).credit(1);
        consumer.settle(1, new Outcome.Modified(true, false, Map.of("x-why", "busy")));
        long dueAtMs = queues.now() + 5000;

        var again = Queues.recovered(queues.store.afterCrash(), queue);
        MessageQueue recovered = again.queues.get("q");
        var next = again.consumer(recovered).credit(1);
        assertEquals(List.of(), next.numbers);
        assertEquals(1, recovered.status().delayed());
        again.advance(dueAtMs - again.now() + 10);

        assertEquals(List.of(1), next.numbers);
        assertEquals(1, next.unsettled.get(0).overlay().attempts());
        assertEquals(Map.of("x-why", "busy"), next.unsettled.get(0).overlay().annotations());
    }

    @Test
    void isNotAFailureWhenItIsReleased() {
        MessageQueue queue = queue(new RetrySpec(1, RetrySpec.Backoff.FIXED, 0, 0, 0));
        queues.publish(queue, NumberedMessage.of(1));
        var consumer = queues.consumer(queue).credit(50);
        for (int i = 0; i < 20; i++) {
            consumer.settle(1, Outcome.RELEASED);
        }
        assertEquals(21, consumer.numbers.size());
        assertEquals(0, consumer.unsettled.get(0).overlay().attempts());
        assertEquals(1, queues.store.positions(queue.id()).size());
    }
}
