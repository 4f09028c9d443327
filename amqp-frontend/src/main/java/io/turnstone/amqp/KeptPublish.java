package io.turnstone.amqp;

import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Router;
import io.turnstone.api.Transaction;

/**
 * One message for a durable target, on its way into the store together with the fact that it was accepted: both are there
 * after a crash, or neither, so its sender hears of it and does not send it again. Owned by the loop of its connection.
 */
final class KeptPublish implements Publisher.PublishListener {

    private final Transaction both;
    private final Remembered delivery;
    private final KeptDelivery stored;
    private final Router router;

    private KeptPublish(Transaction both, Remembered delivery, KeptDelivery stored, Router router) {
        this.both = both;
        this.delivery = delivery;
        this.stored = stored;
        this.router = router;
    }

    /** Begins with it; the message is to be published {@link #within} next. */
    static KeptPublish begin(AmqpConnection connection, LastingLink link, Remembered delivery) {
        var stored = new KeptDelivery(link.key(), delivery.tag(), link.expiry());
        try {
            Transaction both = connection.router().begin(connection.peer(), connection.loop(), why -> {});
            return new KeptPublish(both, delivery, stored, connection.router());
        } catch (RefusedException refused) {
            throw AmqpConditions.linkError(refused.refusal());
        }
    }

    Transaction within() {
        return both;
    }

    @Override
    public void published(PublishOutcome outcome) {
        if (!(outcome instanceof PublishOutcome.Accepted)) {
            both.rollback();
            delivery.published(outcome);
            return;
        }
        both.keep(stored.name(), stored.value());
        both.commit(failure -> {
            if (failure == null) {
                delivery.kept(stored, router);
            }
            delivery.published(failure == null ? outcome : new PublishOutcome.Refused(failure));
        });
    }
}
