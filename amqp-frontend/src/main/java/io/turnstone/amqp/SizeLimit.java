package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.terms.Termini;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/**
 * The largest message that one receiver takes (part 2, section 2.7.3, max-message-size); larger ones are left to others.
 * Owned by the loop of its connection.
 */
final class SizeLimit {

    private static final Outcome LEFT_TO_OTHERS = new Outcome.Modified(false, true, Map.of());

    private final long bytes;
    private @Nullable List<Delivery> passed;

    /** Of a receiver that attached so. */
    SizeLimit(Attach attach) {
        bytes = Termini.largestMessage(attach);
    }

    boolean exceededBy(Delivery delivery) {
        return delivery.message().size() > bytes;
    }

    /** Keeps such a delivery until {@link #giveBack}: now its queue is in the middle of handing over. */
    void pass(Delivery delivery) {
        List<Delivery> all = passed;
        if (all == null) {
            all = new ArrayList<>();
            passed = all;
        }
        all.add(delivery);
    }

    /** Gives the queue back what was passed by, for others. */
    void giveBack(Consumer from) {
        List<Delivery> all = passed;
        passed = null;
        if (all != null) {
            all.forEach(each -> from.settle(each, LEFT_TO_OTHERS, false));
        }
    }

    /** What there is to say of it. */
    LinkError error(Delivery delivery) {
        return new LinkError(
                Symbols.MESSAGE_SIZE_EXCEEDED,
                "a message of " + delivery.message().size() + " bytes is left to others; the peer takes " + bytes);
    }
}
