package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A browser")
class BrowseTest {

    private final Queues queues = new Queues(2, FakeStore.automatic());
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void seesEveryMessageOnceInOrderAlsoThoseThatCome(int loop) {
        queues.enqueue(queue, 1, 3000);
        var browser = queues.consumer(queue, loop, Queues.browser()).credit(10_000);
        queues.enqueue(queue, 3001, 3100);

        assertEquals(IntStream.rangeClosed(1, 3100).boxed().toList(), browser.numbers);
        assertEquals(3100, queue.status().ready());
    }

    @Test
    void takesNothingAndCannotSettle() {
        queues.publish(queue, NumberedMessage.of(1));
        var browser = queues.consumer(queue, 1, Queues.browser()).credit(10);
        browser.settle(1, Outcome.ACCEPTED);
        browser.close(true);

        assertEquals(1, queue.status().ready());
        assertEquals(List.of(1), queues.consumer(queue).credit(1).numbers);
    }

    @Test
    void goesOnBehindWhatWasRemoved() {
        queues.enqueue(queue, 1, 500);
        var browser = queues.consumer(queue, 1, Queues.browser()).credit(100);
        var consumer = queues.consumer(queue, 0, Queues.request(true, false, 0, 1 << 20))
                .credit(300);
        assertEquals(300, consumer.numbers.size());

        browser.credit(1000);

        assertEquals(100 + 200, browser.numbers.size());
        assertEquals(301, browser.numbers.get(100));
        queues.enqueue(queue, 501, 502);
        assertEquals(502, browser.numbers.get(301));
    }

    @Test
    void followsAQueueThatEmptiesAndFills() {
        var browser = queues.consumer(queue, 1, Queues.browser()).credit(100_000);
        var consumer = queues.consumer(queue, 0, Queues.request(true, false, 0, 1 << 30))
                .credit(100_000);
        for (int i = 0; i < 300; i++) {
            int first = 10 * i;
            consumer.limit(consumer.numbers.size());
            queues.enqueue(queue, first, first + 9);
            consumer.credit(100_000);
        }
        assertEquals(IntStream.range(0, 3000).boxed().toList(), browser.numbers);
        assertEquals(3000, consumer.numbers.size());
    }

    @Test
    void seesTheHighestPriorityFirst() {
        MessageQueue levels = queues.queue(QueueSpec.named("p").priorities(10).build());
        queues.enqueue(levels, NumberedMessage.of(1, 1), NumberedMessage.of(2, 9), NumberedMessage.of(3, 5));
        var browser = queues.consumer(levels, 0, Queues.browser()).credit(10);
        queues.enqueue(levels, NumberedMessage.of(4, 9));

        assertEquals(List.of(2, 3, 1, 4), browser.numbers);
    }
}
