package io.turnstone.amqp;

import io.turnstone.amqp.codec.Serial;
import io.turnstone.api.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one session of which the peer has said last how they end in one transaction, without settling them. They
 * stay unsettled, so a peer that says the same of ever wider ranges would otherwise have all of them looked at each time.
 * Owned by the loop of its connection.
 */
final class SaidRange {

    private @Nullable Object transaction;
    private @Nullable Outcome outcome;
    private int first;
    private int last;

    /**
     * The first delivery of a range of which this was not said before; what follows is that {@link #say} is told.
     *
     * @param from the first of that range
     */
    int beyond(Object within, Outcome provisional, int from) {
        boolean same = transaction == within && provisional.equals(outcome);
        if (same && !Serial.before(from, first) && !Serial.before(last + 1, from)) {
            return last + 1;
        }
        transaction = within;
        outcome = provisional;
        first = from;
        last = from - 1;
        return from;
    }

    /** It was said now of those from one to another, both included, of which the second was sent at most. */
    void say(int from, int to) {
        if (!Serial.before(to, from)) {
            last = to;
        }
    }

    /** Something else was said. */
    void forget() {
        transaction = null;
        outcome = null;
    }
}
