package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A consumer that ends")
class ConsumerCloseTest {

    private final Queues queues = new Queues(2, FakeStore.automatic());
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void givesBackWhatItHoldsInTheOldOrder(int loop) {
        queues.publish(
                queue, NumberedMessage.of(1), NumberedMessage.of(2), NumberedMessage.of(3), NumberedMessage.of(4));
        var first = queues.consumer(queue, loop, Queues.request()).credit(3);
        first.accept(2);
        first.close(false);

        var next = queues.consumer(queue).credit(10);

        assertEquals(List.of(1, 3, 4), next.numbers);
        assertEquals(List.of(0, 0, 0), attempts(next));
        assertFalse(next.unsettled.get(0).firstAcquirer());
        assertTrue(next.unsettled.get(2).firstAcquirer());
        assertEquals(1, queue.status().consumers());
    }

    private static List<Integer> attempts(RecordingConsumer consumer) {
        return consumer.unsettled.stream().map(d -> d.overlay().attempts()).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void isChargedForItsOldestDeliveryOnlyWhenItIsLost(int loop) {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2), NumberedMessage.of(3));
        var first = queues.consumer(queue, loop, Queues.request()).credit(3);
        first.accept(1);
        first.close(true);

        var next = queues.consumer(queue).credit(10);

        assertEquals(List.of(2, 3), next.numbers);
        assertEquals(List.of(1, 0), attempts(next));
    }

    @Test
    void isNotChargedForWhatWasStillOnItsWay() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));
        var first = queues.consumer(queue, 1, Queues.request());
        queues.loops[1].within(() -> first.consumer().flow(2, false));
        queues.loops[0].turn();
        queues.loops[1].within(() -> first.consumer().close(true));
        queues.settle();
        assertEquals(List.of(), first.numbers);

        var next = queues.consumer(queue).credit(10);

        assertEquals(List.of(1, 2), next.numbers);
        assertEquals(List.of(0, 0), attempts(next));
        assertTrue(next.unsettled.get(0).firstAcquirer());
    }

    @Test
    void losesNothingThatWasOnItsWayAndWouldNotHaveBeenSettled() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));
        var first = queues.consumer(queue, 1, Queues.request(true, false, 0, 1000));
        queues.loops[1].within(() -> first.consumer().flow(2, false));
        queues.loops[0].turn();
        queues.loops[1].within(() -> first.consumer().close(false));
        queues.settle();

        assertEquals(List.of(1, 2), queues.consumer(queue).credit(10).numbers);
    }

    @Test
    void isToldNothingAfterwards() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));
        var consumer = queues.consumer(queue, 1, Queues.request()).credit(1);
        var delivery = consumer.take(1);
        queues.on(1, () -> {
            consumer.consumer().settle(delivery, Outcome.ACCEPTED, true);
            consumer.consumer().flow(10, true);
            consumer.consumer().close(false);
        });

        assertEquals(List.of("1"), consumer.told);
        assertEquals(List.of(), consumer.settled);
        assertEquals(1, queue.status().messages());
    }

    @Test
    void mayEndWithinADelivery() {
        queues.enqueue(queue, 1, 10);
        var consumer = queues.consumer(queue);
        consumer.onDelivery = delivery -> consumer.consumer().close(false);
        consumer.credit(10);

        assertEquals(List.of(1), consumer.numbers);
        assertEquals(10, queue.status().ready());
    }

    @Test
    void isClosedAsLostWhenItFails() {
        queues.publish(queue, NumberedMessage.of(1));
        var consumer = queues.consumer(queue);
        consumer.onDelivery = delivery -> {
            throw new IllegalStateException("a defect");
        };
        consumer.credit(10);

        assertEquals(List.of("1", "closed"), consumer.told);
        assertEquals(1, queue.status().ready());
    }
}
