package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Condition;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Competing consumers")
class CompetingConsumersTest {

    private final Queues queues = new Queues(3, FakeStore.automatic());
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    @Test
    void leaveToAPurgeWhatIsUndeliverableToThem() {
        var queues = Queues.simple();
        MessageQueue queue = queues.queue(QueueSpec.named("q").build());
        var consumer = queues.consumer(queue).credit(1_000);
        for (int number = 1; number <= 40; number++) {
            queues.enqueue(queue, number, number);
            consumer.settle(number, new Outcome.Modified(false, true, java.util.Map.of()));
        }

        queue.purge();
        queues.settle();

        assertEquals(0, queue.status().messages());
    }

    @Test
    void withEqualCreditGetTheSame() {
        var consumers = new ArrayList<RecordingConsumer>();
        for (int i = 0; i < 5; i++) {
            consumers.add(queues.consumer(queue, i % 3, Queues.request()).credit(100));
        }
        queues.enqueue(queue, 1, 250);

        for (RecordingConsumer consumer : consumers) {
            assertEquals(50, consumer.numbers.size());
        }
    }

    @Test
    void getInProportionToTheirCredit() {
        var large = queues.consumer(queue).credit(900);
        var small = queues.consumer(queue).credit(100);
        queues.enqueue(queue, 1, 100);

        assertTrue(Math.abs(large.numbers.size() - 90) <= 1, "large: " + large.numbers.size());
        assertTrue(Math.abs(small.numbers.size() - 10) <= 1, "small: " + small.numbers.size());
    }

    @Test
    void thatComeLateDoNotCatchUpWithThoseThatWereThere() {
        var early = queues.consumer(queue).credit(10_000);
        queues.enqueue(queue, 1, 1000);
        var late = queues.consumer(queue).credit(10_000);
        queues.enqueue(queue, 1001, 1100);

        assertTrue(early.numbers.size() - 1000 >= 45, "early: " + early.numbers.size());
        assertTrue(late.numbers.size() >= 45, "late: " + late.numbers.size());
    }

    @Test
    void ofHigherPriorityGoFirstWhileTheyHaveCredit() {
        var low = queues.consumer(queue).credit(100);
        var high = queues.consumer(queue, 1, Queues.request(false, false, 5, 10_000))
                .credit(3);
        queues.enqueue(queue, 1, 5);

        assertEquals(List.of(1, 2, 3), high.numbers);
        assertEquals(List.of(4, 5), low.numbers);
    }

    @Test
    void neverGetAgainWhatTheySaidIsUndeliverableToThem() {
        var here = new Outcome.Modified(false, true, Map.of());
        var first = queues.consumer(queue).credit(100);
        queues.enqueue(queue, 1, 3);
        first.settle(2, here);
        first.settle(1, here);
        assertEquals(List.of(1, 2, 3), first.numbers);
        assertEquals(2, queue.status().ready());
        queues.enqueue(queue, 4, 4);
        assertEquals(List.of(1, 2, 3, 4), first.numbers);

        var second = queues.consumer(queue, 1, Queues.request()).credit(1);
        assertEquals(List.of(1), second.numbers);
        second.settle(1, here);
        assertEquals(List.of(1), second.numbers);
        second.credit(1);

        assertEquals(List.of(1, 2), second.numbers);
        assertEquals(4, first.numbers.size());
        var third = queues.consumer(queue, 2, Queues.request()).credit(9);
        assertEquals(List.of(1), third.numbers);
    }

    @Test
    void areRefusedBesideAnExclusiveOne() {
        var exclusive = queues.consumer(queue, 0, Queues.exclusive(1, true));
        assertLocked(Queues.exclusive(2, false));
        assertLocked(Queues.exclusive(2, true));
        assertEquals(0, queues.consumer(queue, 0, Queues.browser()).numbers.size());

        exclusive.close(false);

        queues.consumer(queue, 1, Queues.exclusive(2, false));
        assertLocked(Queues.exclusive(1, true));
    }

    @Test
    void ofAnotherConnectionAreRefusedByAnExclusiveQueue() {
        MessageQueue own =
                queues.unstarted(QueueSpec.named("own").exclusive(true).build(), 0);
        own.exclusiveTo(7);
        queues.on(0, own::start);
        queues.consumer(own, 0, Queues.exclusive(7, false));
        queues.consumer(own, 1, Queues.exclusive(7, false));

        var refused =
                assertThrows(CompletionException.class, () -> queues.consumer(own, 1, Queues.exclusive(8, false)));
        assertTrue(refused.getCause() instanceof RefusedException);
    }

    private void assertLocked(io.turnstone.api.ConsumerRequest request) {
        var failed = assertThrows(CompletionException.class, () -> queues.consumer(queue, 1, request));
        var refusal = ((RefusedException) failed.getCause()).refusal();
        assertEquals(Condition.RESOURCE_LOCKED, refusal.condition());
        assertTrue(refusal.description().contains("cannot obtain exclusive access to locked queue"));
    }
}
