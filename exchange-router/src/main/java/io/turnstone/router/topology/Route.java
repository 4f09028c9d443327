package io.turnstone.router.topology;

import io.turnstone.router.queue.MessageQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Where one message goes: each queue once. Immutable, any thread; shared by all messages of the same key.
 *
 * @param queues all of them; empty when nobody wants the message
 * @param stored those that keep durable messages in the store
 * @param passing the others
 * @param exchanges the counters of the exchanges it passes through, the first one first
 * @param byKeyAlone whether another message with the same key goes the same way
 * @param declined whether it goes to no queue only because no subscriber that it came to wants such messages
 */
public record Route(
        MessageQueue[] queues,
        List<MessageQueue> stored,
        MessageQueue[] passing,
        int[] exchanges,
        boolean byKeyAlone,
        boolean declined) {

    private static final MessageQueue[] NO_QUEUES = {};

    /** The way to these queues, which are told apart by whether they are stored. */
    public static Route of(Collection<MessageQueue> queues, int[] exchanges, boolean byKeyAlone) {
        var stored = new ArrayList<MessageQueue>(queues.size());
        var passing = new ArrayList<MessageQueue>(0);
        for (MessageQueue queue : queues) {
            (queue.spec().durable() ? stored : passing).add(queue);
        }
        return new Route(
                queues.toArray(NO_QUEUES),
                List.copyOf(stored),
                passing.toArray(NO_QUEUES),
                exchanges,
                byKeyAlone,
                false);
    }

    /** This way to no queue, of a message that nobody wants. */
    Route unwanted() {
        return new Route(queues, stored, passing, exchanges, byKeyAlone, true);
    }
}
