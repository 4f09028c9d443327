package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A priority queue")
class QueuePriorityTest {

    private final Queues queues = Queues.simple();

    private MessageQueue queue(int levels) {
        return queues.queue(QueueSpec.named("q").priorities(levels).build());
    }

    @Test
    void deliversTheHighestLevelFirstAndEachLevelInOrder() {
        MessageQueue queue = queue(10);
        queues.enqueue(
                queue,
                NumberedMessage.of(1, 0),
                NumberedMessage.of(2, 9),
                NumberedMessage.of(3, 4),
                NumberedMessage.of(4, 9),
                NumberedMessage.of(5, 0),
                NumberedMessage.of(6, 4));

        assertEquals(List.of(2, 4, 3, 6, 1, 5), queues.consumer(queue).credit(10).numbers);
    }

    @Test
    void putsPrioritiesBeyondItsLevelsInTheHighest() {
        MessageQueue queue = queue(3);
        queues.enqueue(
                queue,
                NumberedMessage.of(1, 2),
                NumberedMessage.of(2, 255),
                NumberedMessage.of(3, 1),
                NumberedMessage.of(4, 4));

        assertEquals(List.of(1, 2, 4, 3), queues.consumer(queue).credit(10).numbers);
    }

    @Test
    void servesAllOf255Levels() {
        MessageQueue queue = queue(255);
        for (int priority = 0; priority < 255; priority++) {
            queues.enqueue(queue, NumberedMessage.of(priority, priority));
        }

        var numbers = queues.consumer(queue).credit(255).numbers;

        for (int i = 0; i < 255; i++) {
            assertEquals(254 - i, numbers.get(i));
        }
    }

    @Test
    void returnsAReleasedMessageBeforeItsYoungerPeersOnly() {
        MessageQueue queue = queue(10);
        queues.enqueue(queue, NumberedMessage.of(1, 4), NumberedMessage.of(2, 4), NumberedMessage.of(3, 4));
        var consumer = queues.consumer(queue).credit(2);
        queues.enqueue(queue, NumberedMessage.of(4, 9));

        consumer.settle(1, Outcome.RELEASED);
        consumer.credit(3);

        assertEquals(List.of(1, 2, 4, 1, 3), consumer.numbers);
    }
}
