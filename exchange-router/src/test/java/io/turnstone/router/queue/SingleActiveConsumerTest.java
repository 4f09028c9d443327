package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.turnstone.api.QueueSpec;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A queue that serves one consumer at a time")
class SingleActiveConsumerTest {

    private final Queues queues = Queues.simple();
    private final MessageQueue queue =
            queues.queue(QueueSpec.named("q").singleActive(true).build());

    @Test
    void givesAllToTheFirstAndTheRestToTheNextInOrder() {
        var first = queues.consumer(queue).credit(100);
        var second = queues.consumer(queue).credit(100);
        var third = queues.consumer(queue).credit(100);
        queues.enqueue(queue, 1, 3);
        first.accept(1);
        assertEquals(List.of(1, 2, 3), first.numbers);
        assertEquals(List.of("active", "1", "2", "3"), first.told);
        assertEquals(List.of("standby"), second.told);

        first.close(false);
        queues.enqueue(queue, 4, 4);

        assertEquals(List.of("standby", "active", "2", "3", "4"), second.told);
        assertEquals(List.of("standby"), third.told);
        second.settleAll();
        second.close(true);
        queues.enqueue(queue, 5, 5);
        assertEquals(List.of("standby", "active", "5"), third.told);
    }

    @Test
    void givesThePlaceToTheHighestPriorityInLine() {
        var first = queues.consumer(queue);
        var low = queues.consumer(queue, 0, Queues.request(false, false, 1, 10_000));
        var high = queues.consumer(queue, 0, Queues.request(false, false, 5, 10_000));
        queues.consumer(queue, 0, Queues.request(false, false, 5, 10_000));

        first.close(false);

        assertEquals(List.of("standby", "active"), high.told);
        assertEquals(List.of("standby"), low.told);
    }

    @Test
    void letsAnybodyLookAndAnswersTheDrainsOfThoseInLine() {
        queues.enqueue(queue, 1, 2);
        queues.consumer(queue);
        var waiting = queues.consumer(queue);
        waiting.drain(10);
        var browser = queues.consumer(queue, 0, Queues.browser()).credit(10);

        assertEquals(List.of("standby", "drained"), waiting.told);
        assertEquals(List.of("1", "2"), browser.told);
    }

    @Test
    void passesOverWhoLeftWhileItWaited() {
        var first = queues.consumer(queue);
        var second = queues.consumer(queue);
        var third = queues.consumer(queue).credit(1);
        second.close(false);
        first.close(false);
        queues.enqueue(queue, 1, 1);

        assertEquals(List.of("standby", "active", "1"), third.told);
    }
}
