package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A FIFO queue")
class FifoQueueTest {

    private final Queues queues = Queues.simple();
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    @Test
    void deliversInTheOrderOfArrival() {
        var consumer = queues.consumer(queue).credit(1000);
        queues.enqueue(queue, 1, 500);

        assertEquals(IntStream.rangeClosed(1, 500).boxed().toList(), consumer.numbers);
    }

    @Test
    void deliversWhatWasThereBeforeTheConsumer() {
        queues.enqueue(queue, 1, 5000);

        var consumer = queues.consumer(queue).credit(10_000);

        assertEquals(IntStream.rangeClosed(1, 5000).boxed().toList(), consumer.numbers);
    }

    @Test
    void deliversNoMoreThanTheLimitCountedFromTheBeginning() {
        queues.enqueue(queue, 1, 10);
        var consumer = queues.consumer(queue);

        consumer.limit(3);
        consumer.limit(3);
        assertEquals(List.of(1, 2, 3), consumer.numbers);

        consumer.limit(2);
        consumer.limit(4);
        assertEquals(List.of(1, 2, 3, 4), consumer.numbers);
    }

    @Test
    void putsReleasedMessagesBackInTheirOldPlace() {
        queues.enqueue(queue, 1, 200);
        var consumer = queues.consumer(queue).credit(100);

        consumer.settle(50, Outcome.RELEASED);
        consumer.settle(3, Outcome.RELEASED);
        consumer.settle(70, Outcome.RELEASED);
        consumer.credit(5);

        assertEquals(List.of(3, 50, 70, 101, 102), consumer.numbers.subList(100, 105));
    }

    @Test
    void saysWhetherAMessageWasHadBefore() {
        queues.enqueue(queue, 1, 1);
        var consumer = queues.consumer(queue).credit(2);
        assertTrue(consumer.unsettled.get(0).firstAcquirer());

        consumer.settle(1, Outcome.RELEASED);

        assertFalse(consumer.unsettled.get(0).firstAcquirer());
        assertEquals(0, consumer.unsettled.get(0).overlay().deliveryCount());
        assertEquals(1, queue.status().redelivered());
    }

    @Test
    void settlesAllOfATurnWithOneRecord() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2), NumberedMessage.of(3));
        var consumer = queues.consumer(queue).credit(3);
        long before = queues.store.commits();

        queues.on(0, () -> {
            for (int number : List.of(3, 1, 2)) {
                consumer.consumer().settle(consumer.take(number), Outcome.ACCEPTED, true);
            }
        });

        assertEquals(before + 1, queues.store.commits());
        assertEquals(List.of(), queues.store.positions(queue.id()));
        assertEquals(List.of(3, 1, 2), consumer.settled);
        assertEquals(0, queue.status().messages());
        assertEquals(3, queue.status().accepted());
    }

    @Test
    void tellsTheConsumerOnlyAfterTheCommit() {
        var slow = new Queues(1, FakeStore.manual());
        var stored = slow.queue(QueueSpec.named("s").build());
        slow.publish(stored, NumberedMessage.of(1));
        var consumer = slow.consumer(stored).credit(1);
        assertEquals(List.of(), consumer.numbers);
        slow.store.commit();
        slow.settle();
        assertEquals(List.of(1), consumer.numbers);

        consumer.accept(1);
        assertEquals(List.of(), consumer.settled);

        slow.store.commit();
        slow.settle();
        assertEquals(List.of(1), consumer.settled);
    }

    @Test
    void removesPreSettledDeliveriesWhenTheyAreHandedOver() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));
        var consumer =
                queues.consumer(queue, 0, Queues.request(true, false, 0, 1000)).credit(10);

        assertEquals(List.of(1, 2), consumer.numbers);
        assertEquals(List.of(), queues.store.positions(queue.id()));
        assertEquals(0, queue.status().messages());
    }

    @Test
    void handsOverNoMoreBytesThanTheBudget() {
        queues.enqueue(queue, 1, 10);
        var consumer =
                queues.consumer(queue, 0, Queues.request(false, false, 0, 25)).credit(100);
        assertEquals(List.of(1, 2, 3), consumer.numbers);

        consumer.written(10);

        assertEquals(List.of(1, 2, 3, 4), consumer.numbers);
    }
}
