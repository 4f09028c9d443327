package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A queue with a limit")
class QueueLimitTest {

    private final Queues queues = new Queues(2, FakeStore.automatic());

    private MessageQueue queue(long messages, long bytes, Overflow overflow) {
        return queues.queue(QueueSpec.named("q")
                .limit(new QueueLimit(messages, bytes, overflow))
                .build());
    }

    private Admission offer(MessageQueue queue, NumberedMessage message) {
        Admission admission = queue.admit(message.size());
        if (admission == Admission.OK) {
            queues.enqueue(queue, message);
        }
        return admission;
    }

    @ParameterizedTest
    @CsvSource({"REJECT, REFUSED", "DEAD_LETTER, DEAD_LETTER", "BLOCK, BLOCKED"})
    void letsNoMoreMessagesInThanItMayHold(Overflow overflow, Admission beyond) {
        MessageQueue queue = queue(2, QueueLimit.UNLIMITED, overflow);
        assertEquals(Admission.OK, offer(queue, NumberedMessage.of(1)));
        assertEquals(Admission.OK, offer(queue, NumberedMessage.of(2)));
        assertEquals(beyond, offer(queue, NumberedMessage.of(3)));

        var consumer = queues.consumer(queue).credit(1);
        assertEquals(beyond, offer(queue, NumberedMessage.of(4)), "a held message counts");

        consumer.accept(1);
        assertEquals(Admission.OK, offer(queue, NumberedMessage.of(5)));
        assertEquals(beyond, offer(queue, NumberedMessage.of(6)));
    }

    @ParameterizedTest
    @CsvSource({"REJECT, REFUSED", "DEAD_LETTER, DEAD_LETTER", "BLOCK, BLOCKED"})
    void letsNoMoreBytesInThanItMayHold(Overflow overflow, Admission beyond) {
        MessageQueue queue = queue(QueueLimit.UNLIMITED, 100, overflow);
        assertEquals(Admission.OK, offer(queue, NumberedMessage.sized(1, 60)));
        assertEquals(beyond, offer(queue, NumberedMessage.sized(2, 41)));
        assertEquals(Admission.OK, offer(queue, NumberedMessage.sized(3, 40)));
    }

    @Test
    void countsWhatIsReservedAndForgetsWhatIsGivenBack() {
        MessageQueue queue = queue(2, QueueLimit.UNLIMITED, Overflow.REJECT);
        assertEquals(Admission.OK, queue.admit(10));
        assertEquals(Admission.OK, queue.admit(10));
        assertEquals(Admission.REFUSED, queue.admit(10));

        queue.unadmit(10);

        assertEquals(Admission.OK, queue.admit(10));
    }

    @Test
    void refusesAMessageThatWouldWaitForever() {
        assertEquals(Admission.REFUSED, queue(10, 100, Overflow.BLOCK).admit(101));
    }

    @Test
    void dropsTheOldestOfTheLowestPriority() {
        MessageQueue queue = queues.queue(QueueSpec.named("q")
                .priorities(10)
                .limit(new QueueLimit(3, QueueLimit.UNLIMITED, Overflow.DROP_HEAD))
                .build());
        for (NumberedMessage message : List.of(
                NumberedMessage.of(1, 5),
                NumberedMessage.of(2, 1),
                NumberedMessage.of(3, 1),
                NumberedMessage.of(4, 9),
                NumberedMessage.of(5, 5))) {
            assertEquals(Admission.OK, offer(queue, message));
        }

        assertEquals(2, queue.status().dropped());
        assertEquals(List.of(4, 1, 5), queues.consumer(queue).credit(10).numbers);
    }

    @Test
    void dropsStoredMessagesOneForOne() {
        MessageQueue queue = queue(3, QueueLimit.UNLIMITED, Overflow.DROP_HEAD);
        for (int number = 1; number <= 10; number++) {
            queues.publish(queue, NumberedMessage.of(number));
        }
        assertEquals(List.of(8, 9, 10), queues.consumer(queue).credit(10).numbers);
        assertEquals(7, queue.status().dropped());
        assertEquals(3, queues.store.positions(queue.id()).size());
    }

    @Test
    void deadLettersWhatItDropsWhereThatIsConfigured() {
        MessageQueue queue = queue(1, QueueLimit.UNLIMITED, Overflow.DROP_HEAD);
        MessageQueue dead = queues.queue(QueueSpec.named("dead").build(), 1);
        queues.routes.put("q", List.of(dead));
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));

        assertEquals(Map.of(DeathReason.MAXLEN, 1L), queue.status().deadLettered());
        assertEquals(1, dead.status().ready());
        assertEquals(0, queue.status().dropped());
    }

    @Test
    void tellsBlockedPublishersOnceThereIsRoom() {
        MessageQueue queue = queue(1, QueueLimit.UNLIMITED, Overflow.BLOCK);
        offer(queue, NumberedMessage.of(1));
        var told = new ArrayList<String>();
        for (int loop = 0; loop < 2; loop++) {
            String name = "publisher on loop " + loop;
            var own = queues.loops[loop];
            var handOff = queues.handOffs[loop];
            queues.on(
                    loop,
                    () -> queue.awaitRoom(handOff, 10, () -> {
                        assertTrue(own.inLoop());
                        told.add(name);
                    }));
        }
        assertTrue(queue.full());
        assertEquals(List.of(), told);

        queues.consumer(queue).credit(1).accept(1);

        assertEquals(2, told.size());
        assertFalse(queue.full());
    }

    @Test
    void tellsAWaitingPublisherWhenAReservationIsGivenBack() {
        MessageQueue queue = queue(1, QueueLimit.UNLIMITED, Overflow.BLOCK);
        assertEquals(Admission.OK, queue.admit(10));
        var told = new ArrayList<String>();
        queues.on(1, () -> queue.awaitRoom(queues.handOffs[1], 10, () -> told.add("room")));
        assertEquals(List.of(), told);

        queue.unadmit(10);
        queues.settle();

        assertEquals(List.of("room"), told);
    }

    @Test
    void tellsNoMorePublishersThanThereIsRoomFor() {
        MessageQueue queue = queue(1, QueueLimit.UNLIMITED, Overflow.BLOCK);
        offer(queue, NumberedMessage.of(1));
        var told = new ArrayList<Integer>();
        for (int number = 2; number <= 4; number++) {
            var message = NumberedMessage.of(number);
            queues.on(
                    1,
                    () -> queue.awaitRoom(queues.handOffs[1], message.size(), () -> {
                        told.add(message.number());
                        if (queue.admit(message.size()) == Admission.OK) {
                            queue.enqueue(queues.handOffs[1], message, queues.arrival(message));
                        }
                    }));
        }
        var consumer = queues.consumer(queue).credit(10);
        for (int number = 1; number <= 3; number++) {
            consumer.accept(number);
            assertEquals(number, told.size());
        }
    }

    @Test
    void forgetsAPublisherThatWaitsNoMore() {
        MessageQueue queue = queue(1, QueueLimit.UNLIMITED, Overflow.BLOCK);
        offer(queue, NumberedMessage.of(1));
        var told = new ArrayList<String>();
        Runnable gone = () -> told.add("gone");
        Runnable there = () -> told.add("there");
        queues.on(1, () -> {
            queue.awaitRoom(queues.handOffs[1], 10, gone);
            queue.awaitRoom(queues.handOffs[1], 10, there);
            queue.awaitNoMore(queues.handOffs[1], gone);
        });

        queues.consumer(queue).credit(1).accept(1);

        assertEquals(List.of("there"), told);
    }

    @Test
    void tellsALargeMessageOnlyWhenItFits() {
        MessageQueue queue = queue(10, 100, Overflow.BLOCK);
        offer(queue, NumberedMessage.sized(1, 50));
        offer(queue, NumberedMessage.sized(2, 50));
        var told = new ArrayList<Integer>();
        for (int bytes : List.of(90, 30)) {
            queues.on(0, () -> queue.awaitRoom(queues.handOffs[0], bytes, () -> told.add(bytes)));
        }
        var consumer = queues.consumer(queue).credit(2);
        consumer.accept(1);
        assertEquals(List.of(30), told);

        consumer.accept(2);
        assertEquals(List.of(30, 90), told);
    }

    @Test
    void tellsAWaitingPublisherWhoseMessageWillNeverFit() {
        MessageQueue queue = queue(10, 100, Overflow.BLOCK);
        offer(queue, NumberedMessage.sized(1, 50));
        var told = new ArrayList<String>();
        queues.on(1, () -> queue.awaitRoom(queues.handOffs[1], 90, () -> told.add("look")));
        assertEquals(List.of(), told);

        queue.reconfigure(QueueSpec.named("q")
                .limit(new QueueLimit(10, 80, Overflow.BLOCK))
                .build());
        queues.settle();

        assertEquals(List.of("look"), told);
        assertEquals(Admission.REFUSED, queue.admit(90));
    }

    @Test
    void keepsTheNewestWhenConsumersHoldAllTheOthers() {
        MessageQueue queue = queue(2, QueueLimit.UNLIMITED, Overflow.DROP_HEAD);
        queues.enqueue(queue, 1, 2);
        var consumer = queues.consumer(queue).credit(2);

        queues.enqueue(queue, 3, 5);
        assertEquals(2, queue.status().dropped());
        assertEquals(1, queue.status().ready());

        consumer.accept(1);
        consumer.accept(2);
        assertEquals(List.of(1, 2, 5), consumer.credit(10).numbers);
    }

    @Test
    void forgetsReservationsOfTheTimeBeforeItWasFreed() {
        MessageQueue queue = queue(1, QueueLimit.UNLIMITED, Overflow.REJECT);
        assertEquals(Admission.OK, queue.admit(10));
        queue.reconfigure(QueueSpec.named("q").build());
        queues.settle();
        queues.enqueue(queue, 1, 1);
        queues.consumer(queue).credit(1).accept(1);

        queue.reconfigure(QueueSpec.named("q")
                .limit(new QueueLimit(1, QueueLimit.UNLIMITED, Overflow.REJECT))
                .build());
        queues.settle();

        assertEquals(Admission.OK, queue.admit(10));
    }

    @Test
    void canBeLimitedAndFreedWhileMessagesAreOnTheirWay() {
        MessageQueue queue = queues.queue(QueueSpec.named("q").build(), 1);
        var limited = QueueSpec.named("q")
                .limit(new QueueLimit(2, QueueLimit.UNLIMITED, Overflow.REJECT))
                .build();
        assertEquals(Admission.OK, queue.admit(10));
        queue.reconfigure(limited);
        queues.settle();
        queues.enqueue(queue, 1, 1);

        assertEquals(Admission.OK, queue.admit(10));
        assertEquals(Admission.REFUSED, queue.admit(10));

        queue.reconfigure(QueueSpec.named("q").build());
        queues.settle();
        assertEquals(Admission.OK, queue.admit(10));
    }
}
