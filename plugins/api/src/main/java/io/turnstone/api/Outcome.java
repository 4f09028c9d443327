package io.turnstone.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How one delivery to a consumer ended, in the words of AMQP 1.0 (part 3, section 3.4). */
public sealed interface Outcome {

    /** The shared instance of {@link Accepted}. */
    Accepted ACCEPTED = new Accepted();

    /** The shared instance of {@link Released}. */
    Released RELEASED = new Released();

    /** The consumer took responsibility; the queue forgets the message. */
    record Accepted() implements Outcome {}

    /** The message is invalid here; it goes to the dead-letter queue. */
    record Rejected(@Nullable String condition, @Nullable String description) implements Outcome {}

    /** Not processed and not at fault: back to its old place, delivery count unchanged. */
    record Released() implements Outcome {}

    /**
     * Like {@link Released}; may also count as a failed attempt.
     *
     * @param deliveryFailed counts as an unsuccessful delivery
     * @param undeliverableHere never again to this consumer
     * @param annotations merged into the message's annotations
     * @param availableAtMs not delivered again before this moment, in milliseconds since the epoch; 0 for at once
     */
    record Modified(
            boolean deliveryFailed, boolean undeliverableHere, Map<String, Object> annotations, long availableAtMs)
            implements Outcome {
        public Modified {
            annotations = Map.copyOf(annotations);
        }

        /** Of a message that may be delivered again at once. */
        public Modified(boolean deliveryFailed, boolean undeliverableHere, Map<String, Object> annotations) {
            this(deliveryFailed, undeliverableHere, annotations, 0);
        }
    }
}
