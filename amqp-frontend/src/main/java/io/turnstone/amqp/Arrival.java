package io.turnstone.amqp;

import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * One message of an incoming link whose last transfer has come.
 *
 * @param id the delivery-id
 * @param tag the delivery-tag, where it is needed to tell the peer of a refusal
 * @param bytes all of it, or nothing when it goes into a file
 * @param spooling the file it goes into
 * @param within the transaction in which it is posted
 */
record Arrival(
        int id,
        boolean settled,
        byte[] tag,
        byte[] bytes,
        @Nullable SpoolingBody spooling,
        @Nullable LocalTransaction within) {

    /** Whether it is known what became of it. */
    boolean ready() {
        return spooling == null || spooling.isOver();
    }

    /** What it is made of; null when it was lost on its way into a file. */
    @Nullable
    Body body() {
        return spooling == null ? Body.Inline.of(bytes) : spooling.whole();
    }

    /** Why it was lost. */
    Refusal failure() {
        var failure = spooling == null ? null : spooling.failure();
        return failure == null
                ? new Refusal(Condition.INTERNAL, "the message is lost")
                : failure.refusal("the message could not be written to a file");
    }
}
