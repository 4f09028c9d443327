package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.ConsumerRequest.Mode;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A consumer that chooses")
class ChoosingConsumersTest {

    private static final MessageFilter EVEN = Queues.every(2, 0);
    private static final MessageFilter NOTHING = (message, overlay) -> false;
    private static final Outcome NOT_HERE = new Outcome.Modified(false, true, Map.of());

    private final Queues queues = Queues.simple();
    private final MessageQueue queue = queues.queue(QueueSpec.named("q")
            .retry(new RetrySpec(10, RetrySpec.Backoff.FIXED, 1000, 1000, 0))
            .build());

    private RecordingConsumer choosing(MessageFilter filter) {
        return queues.consumer(queue, 0, Queues.choosing(filter));
    }

    @Test
    void getsWhatItWantsInOrderAndLeavesTheRestToOthers() {
        queues.enqueue(queue, 1, 10);
        var even = choosing(EVEN).credit(100);
        queues.enqueue(queue, 11, 20);
        var all = queues.consumer(queue).credit(100);

        assertEquals(List.of(2, 4, 6, 8, 10, 12, 14, 16, 18, 20), even.numbers);
        assertEquals(List.of(1, 3, 5, 7, 9, 11, 13, 15, 17, 19), all.numbers);
    }

    @Test
    void doesNotPayWithCreditForWhatItLeaves() {
        var even = choosing(EVEN).credit(3);
        queues.enqueue(queue, 1, 10);

        assertEquals(List.of(2, 4, 6), even.numbers);
        even.credit(1);
        assertEquals(List.of(2, 4, 6, 8), even.numbers);
    }

    @Test
    void isNotBlockedByWhatNobodyWants() {
        queues.enqueue(queue, 1, 5000);
        var third = choosing(Queues.every(3, 0)).credit(10_000);
        var fifth = choosing(Queues.every(5, 0)).credit(10_000);

        assertEquals(1666, third.numbers.size());
        assertEquals(1000 - 333, fifth.numbers.size());
    }

    @Test
    void seesAgainWhatReturnsBehindIt() {
        var first = choosing(EVEN).credit(3);
        queues.enqueue(queue, 1, 10);
        var second = choosing(EVEN).credit(2);
        assertEquals(List.of(8, 10), second.numbers);

        first.settle(4, Outcome.RELEASED);
        first.fail(2);
        second.credit(5);
        assertEquals(List.of(8, 10, 4), second.numbers);
        queues.advance(2000);
        assertEquals(List.of(8, 10, 4, 2), second.numbers);
        first.close(false);
        assertEquals(List.of(8, 10, 4, 2, 6), second.numbers);
    }

    @Test
    void takesTurnsWithOthersThatWantTheSame() {
        var one = choosing(EVEN).credit(100);
        var other = choosing(EVEN).credit(100);
        var any = queues.consumer(queue).credit(100);
        queues.enqueue(queue, 1, 60);

        assertEquals(60, one.numbers.size() + other.numbers.size() + any.numbers.size());
        for (var consumer : List.of(one, other)) {
            assertTrue(Math.abs(consumer.numbers.size() - 15) < 6, "" + consumer.numbers.size());
        }
    }

    @Test
    void isServedByItsPriority() {
        var any = queues.consumer(queue).credit(100);
        var low =
                queues.consumer(queue, 0, Queues.choosing(EVEN, Mode.TAKE, -1)).credit(100);
        var high =
                queues.consumer(queue, 0, Queues.choosing(EVEN, Mode.TAKE, 1)).credit(3);
        queues.enqueue(queue, 1, 8);

        assertEquals(List.of(2, 4, 6), high.numbers);
        assertEquals(List.of(1, 3, 5, 7, 8), any.numbers);
        assertEquals(List.of(), low.numbers);
    }

    @Test
    void getsHigherLevelsFirst() {
        MessageQueue levels = queues.queue(QueueSpec.named("p").priorities(10).build());
        var even = queues.consumer(levels, 0, Queues.choosing(EVEN));
        even.credit(1);
        queues.enqueue(levels, NumberedMessage.of(2, 0), NumberedMessage.of(4, 0), NumberedMessage.of(6, 0));
        queues.enqueue(levels, NumberedMessage.of(8, 9), NumberedMessage.of(9, 9));
        even.credit(2);
        assertEquals(List.of(2, 8, 4), even.numbers);

        even.settle(4, Outcome.RELEASED);
        queues.enqueue(levels, NumberedMessage.of(10, 5));
        even.credit(3);
        assertEquals(List.of(2, 8, 4, 10, 4, 6), even.numbers);
    }

    @Test
    void getsAllItWantsHoweverMuchItHadToRemember() {
        var quick = choosing(NOTHING).credit(1);
        var slow = choosing(EVEN).credit(1);
        queues.enqueue(queue, 1, 2000);
        assertEquals(1, slow.numbers.size());
        quick.close(false);

        slow.credit(5000);
        assertEquals(IntStream.rangeClosed(1, 1000).map(i -> 2 * i).boxed().toList(), slow.numbers);
    }

    @Test
    void hasDrainedWhenItHasLookedAtEverything() {
        queues.enqueue(queue, 1, 20_001);
        var last = choosing(Queues.every(20_001, 0));
        last.drain(10);
        assertEquals(List.of("20001", "drained"), last.told);
        last.drain(10);
        assertEquals(List.of("20001", "drained", "drained"), last.told);

        var any = queues.consumer(queue);
        queues.on(0, () -> {
            any.consumer().flow(20_000, false);
            last.consumer().flow(11, true);
        });
        assertEquals(3, last.told.stream().filter("drained"::equals).count());
        assertEquals(20_000, any.numbers.size());
    }

    @Test
    void looksThroughWhatIsInTheStoreOnceAndThenRests() {
        var queues = new Queues(1, FakeStore.manual(), 1);
        MessageQueue queue = queues.queue(QueueSpec.named("q").build());
        queues.publish(
                queue,
                IntStream.rangeClosed(1, 3000).mapToObj(NumberedMessage::of).toArray(Message[]::new));
        queues.store.commit();
        queues.settle();
        queues.advance(1000);
        assertTrue(queue.status().ready() == 3000 && queues.heap(0) < 100_000, "not paged out: " + queues.heap(0));

        var nothing = queues.consumer(queue, 0, Queues.choosing(NOTHING));
        var one = queues.consumer(queue, 0, Queues.choosing(Queues.every(3001, 2000)));
        nothing.drain(1);
        one.credit(10);
        assertEquals(List.of(), nothing.told, "not all was read");
        queues.settleReads();
        assertEquals(List.of("drained"), nothing.told);
        assertEquals(List.of(2000), one.numbers);
        assertTrue(queues.heap(0) < 100_000, "what was looked at is kept: " + queues.heap(0));

        long reads = queues.store.readCalls();
        nothing.credit(10);
        queues.publish(queue, NumberedMessage.of(3001 + 2000));
        queues.store.commit();
        queues.settleReads();
        queues.advance(1000);
        queues.settleReads();
        assertEquals(reads, queues.store.readCalls(), "nothing changed, and it reads again");
        assertEquals(List.of(2000, 5001), one.numbers);
    }

    @Test
    void amongThousandsThatWaitForOtherValuesIsFoundByLookUp() {
        var asked = new AtomicInteger();
        var read = new AtomicInteger();
        MessageFilter.Field field = (message, overlay) -> {
            read.incrementAndGet();
            return ((NumberedMessage) message).number();
        };
        var consumers = new ArrayList<RecordingConsumer>();
        for (int i = 0; i < 2000; i++) {
            consumers.add(choosing(new ByNumber(field, i, asked)).credit(1));
        }
        queues.enqueue(queue, 0, 1999);

        for (int i = 0; i < 2000; i++) {
            assertEquals(List.of(i), consumers.get(i).numbers);
        }
        assertEquals(2000, asked.get());
        assertEquals(2000, read.get());
        consumers.get(7).settle(7, Outcome.RELEASED);
        consumers.get(7).credit(1);
        consumers.get(7).close(false);
        assertEquals(List.of(7), queues.consumer(queue).credit(5).numbers);
    }

    /** Waits for one number. */
    private record ByNumber(Field field, int number, AtomicInteger asked) implements MessageFilter {
        @Override
        public boolean matches(Message message, Overlay overlay) {
            asked.incrementAndGet();
            return ((NumberedMessage) message).number() == number;
        }

        @Override
        public @Nullable Key key() {
            return new Key(field, number);
        }
    }

    @Test
    void mayOnlyLook() {
        queues.enqueue(queue, 1, 6);
        var browser = queues.consumer(queue, 0, Queues.choosing(EVEN, Mode.BROWSE, 0));
        browser.drain(100);

        assertEquals(List.of("2", "4", "6", "drained"), browser.told);
        assertEquals(6, queue.status().ready());
    }

    @Test
    void doesNotGetWhatItsOwnConnectionPublished() {
        var mode = new Mode(false, false, false, true);
        var other = queues.consumer(queue, 0, Queues.choosing(MessageFilter.ALL, mode, 0))
                .credit(10);
        queues.on(0, () -> {
            for (int connection = 0; connection < 3; connection++) { // its own is 1
                queue.enqueue(
                        queues.handOffs[0],
                        NumberedMessage.of(connection),
                        Overlay.arrival("", "q", queues.now(), Message.NONE, connection));
            }
        });

        assertEquals(List.of(0, 2), other.numbers);
        assertEquals(List.of(1), queues.consumer(queue).credit(10).numbers);
    }

    @Test
    void doesNotGetAgainWhatItSaidIsUndeliverableThere() {
        var picky = queues.consumer(queue).credit(100);
        queues.enqueue(queue, 1, 3);
        picky.settle(1, NOT_HERE);
        picky.settle(3, NOT_HERE);
        queues.enqueue(queue, 4, 5);
        picky.settle(2, Outcome.RELEASED);

        assertEquals(List.of(1, 2, 3, 4, 5, 2), picky.numbers);
        assertEquals(2, queue.status().ready(), "it stays while nobody else is there");
        picky.drain(5);
        assertEquals("drained", picky.told.get(picky.told.size() - 1));
        assertEquals(List.of(1, 3), queues.consumer(queue).credit(2).numbers);
        picky.close(false);
        var again = queues.consumer(queue).credit(5);
        assertEquals(List.of(2, 4, 5), again.numbers);
    }

    @Test
    void doesNotGetThatAgainEitherWhenItWasInTheStoreMeanwhile() {
        var queues = new Queues(1, FakeStore.automatic(), 1);
        MessageQueue queue = queues.queue(QueueSpec.named("q").build());
        var picky = queues.consumer(queue).credit(500);
        var all = IntStream.rangeClosed(1, 500).boxed().toList();
        queues.publish(queue, all.stream().map(NumberedMessage::of).toArray(Message[]::new));
        all.forEach(number -> picky.settle(number, number % 3 == 0 ? NOT_HERE : Outcome.ACCEPTED));
        queues.advance(1000);
        assertTrue(queues.heap(0) < 10_000, "not paged out: " + queues.heap(0));

        picky.credit(500);
        assertEquals(all, picky.numbers);
        var other = queues.consumer(queue).credit(500);
        assertEquals(IntStream.rangeClosed(1, 166).map(i -> 3 * i).boxed().toList(), other.numbers);
    }

    @Test
    void losesItsLinkAndNoMoreWhenItsFilterFails() {
        var broken = choosing((message, overlay) -> {
            throw new IllegalStateException("defect");
        });
        broken.credit(5);
        queues.enqueue(queue, 1, 2);

        assertNotNull(broken.closed);
        assertEquals(List.of(1, 2), queues.consumer(queue).credit(5).numbers);
        assertEquals(1, queue.status().consumers());
    }
}
