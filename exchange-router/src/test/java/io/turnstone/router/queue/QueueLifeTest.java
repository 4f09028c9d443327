package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Condition;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A queue's life")
class QueueLifeTest {

    private static final Refusal DELETED = new Refusal(Condition.RESOURCE_DELETED, "queue 'q' was deleted");

    private final Queues queues = new Queues(2, FakeStore.automatic());
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    private <T> T join(CompletionStage<T> stage) {
        queues.settle();
        return stage.toCompletableFuture().join();
    }

    @Test
    void endsWithItsConsumersMessagesAndWaiters() {
        MessageQueue full = queues.queue(QueueSpec.named("full")
                .limit(new QueueLimit(1, QueueLimit.UNLIMITED, Overflow.BLOCK))
                .build());
        full.admit(10);
        queues.publish(full, NumberedMessage.of(1));
        var consumer = queues.consumer(full, 1, Queues.request()).credit(1);
        var told = new ArrayList<String>();
        queues.on(1, () -> full.awaitRoom(queues.handOffs[1], 10, () -> told.add("gone")));

        assertEquals(1L, join(full.delete(DELETED, MessageQueue.DeleteIf.ALWAYS)));

        assertEquals(DELETED, consumer.closed);
        assertEquals(List.of("gone"), told);
        assertEquals(0, full.status().messages());
        queues.on(1, () -> consumer.consumer().settle(consumer.unsettled.get(0), Outcome.ACCEPTED, true));
        queues.publish(full, NumberedMessage.of(2));
        var refused = assertThrows(CompletionException.class, () -> queues.consumer(full));
        assertTrue(refused.getCause() instanceof RefusedException);
        assertEquals(0L, join(full.delete(DELETED, MessageQueue.DeleteIf.ALWAYS)));
        assertEquals(0L, join(full.purge()));
    }

    @Test
    void doesNotEndWhileItIsUsedIfThatIsAsked() {
        var consumer = queues.consumer(queue);
        assertThrows(CompletionException.class, () -> join(queue.delete(DELETED, MessageQueue.DeleteIf.UNUSED)));
        consumer.close(false);
        queues.enqueue(queue, 1, 1);
        assertThrows(
                CompletionException.class, () -> join(queue.delete(DELETED, MessageQueue.DeleteIf.EMPTY_AND_UNUSED)));

        assertEquals(1L, join(queue.delete(DELETED, MessageQueue.DeleteIf.UNUSED)));
    }

    @Test
    void purgesWhatNoConsumerHolds() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));
        queues.enqueue(queue, 3, 25_000);
        var consumer = queues.consumer(queue, 1, Queues.request()).credit(2);

        assertEquals(24_998L, join(queue.purge()));

        assertEquals(2, queue.status().messages());
        consumer.accept(1);
        consumer.accept(2);
        assertEquals(0, queue.status().messages());
        assertEquals(List.of(), queues.store.positions(queue.id()));
    }

    @Test
    void answersEachOfTwoPurges() {
        var slow = new Queues(1, FakeStore.manual());
        MessageQueue purged = slow.queue(QueueSpec.named("q").build());
        slow.publish(purged, NumberedMessage.of(1), NumberedMessage.of(2));
        slow.store.commit();
        slow.settle();
        var one = purged.purge().toCompletableFuture();
        var two = purged.purge().toCompletableFuture();
        slow.settle();
        assertFalse(one.isDone());
        assertFalse(two.isDone());

        slow.store.commit();
        slow.settle();

        assertEquals(2L, one.join());
        assertEquals(0L, two.join());
    }

    @Test
    void keepsWhatTheStoreDidNotForget() {
        queues.publish(queue, NumberedMessage.of(1), NumberedMessage.of(2));
        var consumer = queues.consumer(queue).credit(1);
        queues.store.fail(new StoreException("broken"));
        consumer.accept(1);
        assertThrows(CompletionException.class, () -> join(queue.purge()));
        assertEquals(List.of(), consumer.settled);
        assertEquals(Condition.UNAVAILABLE, consumer.closed.condition(), "it would wait for the outcome for ever");
        assertEquals(2, queue.status().messages());

        queues.store.fail(null);
        queues.advance(2000);

        assertEquals(List.of(1, 2), queues.consumer(queue).credit(5).numbers);
    }

    @Test
    void endsWithItsLastConsumer() {
        MessageQueue auto =
                queues.queue(QueueSpec.named("auto").autoDelete(true).build());
        var one = queues.consumer(auto);
        var two = queues.consumer(auto, 1, Queues.request());
        one.close(false);
        assertEquals(List.of(), queues.unused);

        two.close(true);

        assertEquals(List.of("auto"), queues.unused);
    }

    @Test
    void doesNotEndWithABrowserThatNoConsumerCameBefore() {
        MessageQueue auto =
                queues.queue(QueueSpec.named("auto").autoDelete(true).build());
        queues.consumer(auto, 0, Queues.browser()).close(false);
        assertEquals(List.of(), queues.unused);

        var consumer = queues.consumer(auto);
        var browser = queues.consumer(auto, 1, Queues.browser());
        consumer.close(false);
        assertEquals(List.of(), queues.unused);
        browser.close(false);

        assertEquals(List.of("auto"), queues.unused);
    }

    @Test
    void endsAPurgeThatIsNotThrough() {
        queues.enqueue(queue, 1, 25_000);
        var purged = queue.purge().toCompletableFuture();
        queues.loops[0].turn();
        assertFalse(purged.isDone());

        var deleted = queue.delete(DELETED, MessageQueue.DeleteIf.ALWAYS);

        assertEquals(10_000L, join(purged));
        assertEquals(15_000L, join(deleted));
        assertEquals(0, queue.status().messages());
    }

    @Test
    void endsWhenItIsIdleForTooLong() {
        MessageQueue idle = queues.queue(QueueSpec.named("idle").expiresMs(1000).build());
        queues.advance(900);
        idle.touch();
        queues.advance(900);
        var consumer = queues.consumer(idle);
        queues.advance(5000);
        consumer.close(false);
        queues.advance(999);
        assertEquals(List.of(), queues.unused);

        queues.advance(1);

        assertEquals(List.of("idle"), queues.unused);
    }
}
