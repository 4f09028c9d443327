package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.FakeStore;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Numbers with the same last digit are one group; those that end in 0 have none. */
@DisplayName("Message groups")
class MessageGroupsTest {

    private final Queues queues = Queues.simple();

    private MessageQueue queue(GroupSpec groups) {
        return queues.queue(QueueSpec.named("q")
                .groups(groups)
                .retry(new RetrySpec(10, RetrySpec.Backoff.FIXED, 1000, 1000, 0))
                .build());
    }

    @Test
    void goToOneConsumerEachAndSpreadOverAll() {
        MessageQueue queue = queue(GroupSpec.DEFAULT);
        var consumers = List.of(
                queues.consumer(queue).credit(200),
                queues.consumer(queue).credit(200),
                queues.consumer(queue).credit(200));
        queues.enqueue(queue, 1, 300);

        Map<Integer, RecordingConsumer> owners = new HashMap<>();
        for (var consumer : consumers) {
            assertTrue(consumer.numbers.size() >= 60, "" + consumer.numbers.size());
            for (int number : consumer.numbers) {
                if (number % 10 != 0) {
                    var other = owners.put(number % 10, consumer);
                    assertTrue(other == null || other == consumer, "with two: " + number % 10);
                }
            }
            assertEquals(consumer.numbers.stream().sorted().toList(), consumer.numbers);
        }
    }

    @Test
    void doNotBlockEachOther() {
        MessageQueue queue = queue(GroupSpec.DEFAULT);
        var first = queues.consumer(queue).credit(1);
        queues.enqueue(queue, 1, 1);
        var second = queues.consumer(queue).credit(5);
        queues.enqueue(queue, NumberedMessage.of(11), NumberedMessage.of(21), NumberedMessage.of(2));
        queues.enqueue(queue, NumberedMessage.of(12));

        assertEquals(List.of(1), first.numbers);
        assertEquals(List.of(2, 12), second.numbers);
        first.credit(5);
        assertEquals(List.of(1, 11, 21), first.numbers);
    }

    @Test
    void comeBackInOrderBeforeTheyGoToAnother() {
        MessageQueue queue = queue(GroupSpec.DEFAULT);
        var first = queues.consumer(queue).credit(3);
        queues.enqueue(queue, NumberedMessage.of(1), NumberedMessage.of(11), NumberedMessage.of(21));
        queues.enqueue(queue, NumberedMessage.of(31), NumberedMessage.of(41));
        var second = queues.consumer(queue).credit(10);
        assertEquals(List.of(), second.numbers);

        first.accept(11);
        first.close(false);
        assertEquals(List.of(1, 21, 31, 41), second.numbers);
    }

    @Test
    void waitForTheRetryOfAnEarlierOne() {
        MessageQueue queue = queue(GroupSpec.DEFAULT);
        var first = queues.consumer(queue).credit(1);
        queues.enqueue(queue, NumberedMessage.of(1), NumberedMessage.of(11), NumberedMessage.of(2));
        first.fail(1);
        first.credit(10);
        var second = queues.consumer(queue).credit(10);
        assertEquals(List.of(1, 2), first.numbers);
        assertEquals(List.of(), second.numbers);

        queues.advance(1100);
        assertEquals(List.of(1, 2, 1, 11), first.numbers);
        first.fail(1);
        first.close(false);
        assertEquals(List.of(2), second.numbers, "11 waits for 1");
        queues.enqueue(queue, NumberedMessage.of(21));
        queues.advance(1100);
        assertEquals(List.of(2, 1, 11, 21), second.numbers);
    }

    @Test
    void passOneThatWaitsNoLongerWhenItExpires() {
        MessageQueue queue = queue(GroupSpec.DEFAULT);
        var consumer = queues.consumer(queue).credit(1);
        queues.enqueue(queue, new NumberedMessage(1, 4, 500, 2), NumberedMessage.of(11));
        consumer.fail(1);
        consumer.credit(10);
        assertEquals(List.of(1), consumer.numbers);
        queues.advance(700);
        assertEquals(List.of(1, 11), consumer.numbers);
    }

    @Test
    void moveOnWhenTheyAreQuiet() {
        MessageQueue queue = queue(new GroupSpec(10, 5000));
        var first = queues.consumer(queue).credit(100);
        queues.enqueue(queue, NumberedMessage.of(1));
        var second = queues.consumer(queue).credit(1000);
        queues.advance(6000);
        queues.enqueue(queue, NumberedMessage.of(11));
        assertEquals(List.of(1, 11), first.numbers, "1 is unsettled");

        first.settleAll();
        queues.advance(4000);
        queues.enqueue(queue, NumberedMessage.of(21));
        assertEquals(List.of(1, 11, 21), first.numbers, "too early");
        first.settleAll();
        queues.advance(6000);
        first.limit(0);
        queues.enqueue(queue, NumberedMessage.of(31));
        assertEquals(List.of(31), second.numbers);
    }

    @Test
    void beyondTheMostShareTheirPlaces() {
        MessageQueue queue = queue(new GroupSpec(2, 60_000));
        var first = queues.consumer(queue).credit(100);
        var second = queues.consumer(queue).credit(100);
        queues.enqueue(queue, 1, 99);
        assertEquals(99, first.numbers.size() + second.numbers.size());
        for (int group = 1; group < 10; group++) {
            int digit = group;
            long there = first.numbers.stream().filter(n -> n % 10 == digit).count();
            assertTrue(there == 0 || there == 10, "group " + group + " is with both");
        }
    }

    @Test
    void leaveAloneWhatItsConsumerDoesNotWant() {
        MessageQueue queue = queue(GroupSpec.DEFAULT);
        var first = queues.consumer(queue).credit(10);
        queues.enqueue(queue, NumberedMessage.of(1), NumberedMessage.of(11));
        var second = queues.consumer(queue).credit(10);
        first.settle(1, new Outcome.Modified(false, true, Map.of()));

        assertEquals(List.of(1), second.numbers);
        queues.enqueue(queue, NumberedMessage.of(21));
        assertEquals(List.of(1, 11, 21), first.numbers);
    }

    @Test
    void keepTheirOrderOverARestart() {
        var queues = new Queues(1, FakeStore.automatic());
        MessageQueue queue = queues.queue(QueueSpec.named("q")
                .groups(GroupSpec.DEFAULT)
                .retry(new RetrySpec(10, RetrySpec.Backoff.FIXED, 60_000, 60_000, 0))
                .build());
        var consumer = queues.consumer(queue).credit(2);
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2), NumberedMessage.of(11));
        queues.publish(queue, NumberedMessage.of(12));
        consumer.fail(1);

        var again = Queues.recovered(queues.store.afterCrash(), queue);
        MessageQueue same = again.queues.get("q");
        var first = again.consumer(same).credit(1);
        var second = again.consumer(same).credit(10);
        again.settleReads();
        assertEquals(List.of(2), first.numbers);
        assertEquals(List.of(), second.numbers, "1 has not had its retry");
        again.advance(queues.now() - again.now() + 61_000);
        first.credit(10);
        assertEquals(List.of(1, 11), second.numbers);
        assertEquals(List.of(2, 12), first.numbers);
        assertNotEquals(0, same.status().unsettled());
    }
}
