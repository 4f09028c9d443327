package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.store.StoreException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A message with a time to live")
class QueueExpiryTest {

    private final Queues queues = Queues.simple();
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    private static NumberedMessage living(int number, long ttlMs) {
        return new NumberedMessage(number, Message.DEFAULT_PRIORITY, ttlMs, 2);
    }

    @Test
    void isNowOrNeverOnAQueueThatGivesNoTime() {
        MessageQueue hasty = queues.queue(QueueSpec.named("hasty").ttlMs(0).build());
        queues.publish(hasty, NumberedMessage.of(1));
        queues.enqueue(hasty, NumberedMessage.of(2));
        queues.advance(1);
        var consumer = queues.consumer(hasty).credit(1);

        queues.publish(hasty, NumberedMessage.of(3));
        queues.enqueue(hasty, NumberedMessage.of(4));
        queues.advance(1);
        consumer.credit(10);

        assertEquals(List.of(3), consumer.numbers);
        queues.advance(1_000);
        assertEquals(0, hasty.status().ready());
    }

    @Test
    void isOfferedOnAQueueThatGivesNoTimeHoweverLongThatTakes() {
        MessageQueue hasty = queues.queue(QueueSpec.named("hasty").ttlMs(0).build());
        var consumer = queues.consumer(hasty).credit(2_500);

        queues.loops[0].within(() -> {
            for (int number = 1; number <= 3_000; number++) {
                hasty.enqueue(
                        queues.handOffs[0], NumberedMessage.of(number), queues.arrival(NumberedMessage.of(number)));
            }
            queues.setClock(5); // before the queue's turn
        });
        for (int turn = 2; consumer.numbers.size() < 2_500; turn++) {
            assertTrue(turn < 10, "offered to a consumer with credit");
            queues.setClock(5L * turn);
            queues.loops[0].turn();
        }
        queues.advance(1);
        consumer.credit(10_000);
        assertEquals(2_500, consumer.numbers.size(), "what there was no credit for is gone");
    }

    @Test
    void sharesWhatIsKnownOfItWithThoseThatCameTogetherWithIt() {
        MessageQueue other = queues.queue(QueueSpec.named("other").ttlMs(200).build());
        MessageQueue brief = queues.queue(QueueSpec.named("brief").ttlMs(100).build());
        var together = queues.arrival(NumberedMessage.of(1));
        queues.on(0, () -> {
            for (int number = 1; number <= 2; number++) {
                brief.enqueue(queues.handOffs[0], NumberedMessage.of(number), together);
                brief.enqueue(queues.handOffs[0], NumberedMessage.of(number + 10), together);
                other.enqueue(queues.handOffs[0], NumberedMessage.of(number), together);
            }
        });

        var overlays = queues.consumer(brief).credit(10).unsettled.stream()
                .map(Delivery::overlay)
                .toList();
        assertSame(overlays.get(0), overlays.get(1));
        assertEquals(
                Collections.nCopies(4, queues.now() + 100),
                overlays.stream().map(Overlay::expiresAtMs).toList());
        assertEquals(
                queues.now() + 200,
                queues.consumer(other).credit(1).unsettled.get(0).overlay().expiresAtMs());
    }

    @Test
    void goesWithinASecondWithoutAnyConsumer() {
        queues.publish(queue, living(1, 500), NumberedMessage.of(2), living(3, 5000));

        queues.advance(1499);

        assertEquals(2, queue.status().ready());
        assertEquals(1, queue.status().expired());
        assertEquals(1, queue.status().dropped());
        assertEquals(2, queues.store.positions(queue.id()).size());
        queues.advance(4500);
        assertEquals(1, queue.status().messages());
    }

    @Test
    void goesByTheClockThoughItIsSet() {
        queues.publish(queue, living(1, 3_600_000), living(2, 7_200_000));

        queues.setClock(-1_800_000);
        queues.advance(3_700_000);
        assertEquals(2, queue.status().messages());
        queues.setClock(1_800_000);
        queues.advance(61_000);
        assertEquals(1, queue.status().messages());
        queues.setClock(1_800_000);
        queues.setClock(1_800_000);
        assertEquals(List.of(), queues.consumer(queue).credit(10).numbers, "delivered after its time");
    }

    @Test
    void restsWhileTheStoreDoesNotForgetIt() {
        queues.publish(queue, living(1, 500), living(2, 500));
        queues.store.fail(new StoreException("broken"));
        long before = queues.store.commits();
        queues.advance(4500);
        assertEquals(2, queue.status().messages());
        assertTrue(queues.store.commits() - before < 10, "asked in a circle");

        queues.store.fail(null);
        queues.advance(1500);

        assertEquals(0, queue.status().messages());
        assertEquals(List.of(), queues.store.positions(queue.id()));
    }

    @Test
    void isNotDeliveredFromItsMomentOn() {
        queues.enqueue(queue, living(1, 99), living(2, 100), living(3, 101));
        queues.advance(100);

        assertEquals(List.of(3), queues.consumer(queue).credit(10).numbers);
    }

    @Test
    void isNotDeliveredAlthoughMoreExpireAtOnceThanOneTurnRemoves() {
        for (int number = 0; number < 20_000; number++) {
            queues.enqueue(queue, living(number, 150));
        }
        var consumer = queues.consumer(queue);
        queues.advance(150); // the alarm rings later, on its grid
        consumer.credit(100_000);
        queues.advance(1000);

        assertEquals(List.of(), consumer.numbers);
        assertEquals(20_000, queue.status().expired());
    }

    @Test
    void expiresBehindOthersThatDoNot() {
        queues.enqueue(queue, 1, 1000);
        queues.enqueue(queue, living(1001, 10));
        queues.enqueue(queue, 1002, 2000);

        queues.advance(1000);

        assertEquals(1999, queue.status().ready());
    }

    @Test
    void diesWithTheSmallestOfItsLimits() {
        MessageQueue limited = queues.queue(QueueSpec.named("l").ttlMs(200).build());
        queues.publish(limited, living(1, 100), living(2, 300), NumberedMessage.of(3));
        long start = queues.now();
        var consumer = queues.consumer(limited).credit(3);

        assertEquals(
                List.of(start + 100, start + 200, start + 200),
                consumer.unsettled.stream().map(d -> d.overlay().expiresAtMs()).toList());
    }

    @Test
    void staysWhileAConsumerHoldsItAndExpiresOnItsReturn() {
        queues.enqueue(queue, living(1, 100));
        var consumer = queues.consumer(queue).credit(5);
        queues.advance(5000);
        assertEquals(1, queue.status().unsettled());

        consumer.settle(1, Outcome.RELEASED);

        assertEquals(List.of(1), consumer.numbers);
        assertEquals(0, queue.status().messages());
        assertEquals(1, queue.status().expired());
    }

    @Test
    void expiresWhileItWaitsForARetry() {
        MessageQueue retrying = queues.queue(QueueSpec.named("r")
                .retry(new RetrySpec(5, RetrySpec.Backoff.FIXED, 60_000, 60_000, 0))
                .build());
        queues.publish(retrying, living(1, 2000));
        var consumer = queues.consumer(retrying).credit(5);
        consumer.fail(1);
        assertEquals(1, retrying.status().delayed());

        queues.advance(3000);

        assertEquals(0, retrying.status().messages());
        assertEquals(List.of(), queues.store.positions(retrying.id()));
    }

    @Test
    void isDeadLetteredWhereThatIsConfigured() {
        MessageQueue dead = queues.queue(QueueSpec.named("dead").build());
        queues.routes.put("q", List.of(dead));
        queues.publish(queue, living(1, 100));

        queues.advance(1100);

        assertEquals(Map.of(DeathReason.EXPIRED, 1L), queue.status().deadLettered());
        assertEquals(0, queue.status().dropped());
        var death = queues.consumer(dead).credit(1).unsettled.get(0).overlay();
        assertEquals(Message.NONE, death.expiresAtMs());
        assertEquals("q", death.deaths().get(0).queue());
    }

    @Test
    void keepsTheTtlOfItsArrivalWhenThePolicyChanges() {
        MessageQueue changing = queues.queue(QueueSpec.named("c").ttlMs(10_000).build());
        queues.publish(changing, NumberedMessage.of(1));
        changing.reconfigure(QueueSpec.named("c").ttlMs(1000).build());
        queues.settle();
        queues.publish(changing, NumberedMessage.of(2));

        queues.advance(2000);
        assertEquals(1, changing.status().ready());

        queues.advance(9000);
        assertEquals(0, changing.status().ready());
    }

    @Test
    void goesInTimeAmongManyOthersInAnyOrder() {
        var random = new Random(3);
        var times = new TreeSet<Long>();
        for (int number = 0; number < 3000; number++) {
            long ttlMs = 1L + random.nextInt(20_000);
            while (!times.add(ttlMs)) {
                ttlMs++;
            }
            queues.enqueue(queue, living(number, ttlMs));
        }
        long start = queues.now();
        for (int second = 1; second < 25; second++) {
            queues.advance(1000);
            long passed = queues.now() - start;
            long left = queue.status().ready();
            assertTrue(left <= times.tailSet(passed - 1000, true).size(), "after " + passed + " ms: " + left);
            assertTrue(left >= times.tailSet(passed, false).size(), "after " + passed + " ms: " + left);
        }
        assertEquals(0, queue.status().ready());
    }
}
