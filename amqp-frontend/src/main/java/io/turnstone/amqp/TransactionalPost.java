package io.turnstone.amqp;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.amqp.terms.PublisherTerms;
import io.turnstone.api.Condition;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.DeliveryState;

/**
 * One message that is posted in a transaction (part 4, section 4.4.1) on its way through the core. Owned by the loop of its
 * connection.
 */
final class TransactionalPost implements Publisher.PublishListener {

    private final IncomingMessages messages;
    private final int id;
    private final boolean settled;
    private final LocalTransaction within;

    TransactionalPost(IncomingMessages messages, int id, boolean settled, LocalTransaction within) {
        this.messages = messages;
        this.id = id;
        this.settled = settled;
        this.within = within;
    }

    @Override
    public void published(PublishOutcome outcome) {
        DeliveryState state = state(outcome);
        IncomingLink link = messages.link();
        link.session().connection().failures().guard(link, () -> messages.posted(id, settled, state, within));
    }

    private DeliveryState state(PublishOutcome outcome) {
        if (outcome instanceof PublishOutcome.Refused refused) {
            return Outcomes.rejection(AmqpConditions.of(refused.refusal()));
        }
        DeliveryState state =
                outcome instanceof PublishOutcome.Unroutable ? messages.terms().unroutable() : Accepted.getInstance();
        if (state == null) {
            LinkError why = PublisherTerms.notRouted();
            within.core().fail(new Refusal(Condition.NOT_FOUND, why.description()));
            return Outcomes.rejection(why.asCondition());
        }
        return state;
    }
}
