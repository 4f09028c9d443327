package io.turnstone.amqp;

import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;

/** One message of an incoming link on its way through the core. Owned by the loop of its connection. */
final class IncomingDelivery implements Publisher.PublishListener {

    private static final byte[] NO_TAG = {};

    private final IncomingMessages messages;
    private final int id;
    private final boolean settled;
    private final byte[] tag;

    /** A delivery that the peer wants to hear of. */
    IncomingDelivery(IncomingMessages messages, int id) {
        this(messages, id, false, NO_TAG);
    }

    private IncomingDelivery(IncomingMessages messages, int id, boolean settled, byte[] tag) {
        this.messages = messages;
        this.id = id;
        this.settled = settled;
        this.tag = tag;
    }

    /** A pre-settled delivery whose refusal ends the link. */
    static IncomingDelivery settled(IncomingMessages messages, int id, byte[] tag) {
        return new IncomingDelivery(messages, id, true, tag);
    }

    @Override
    public void published(PublishOutcome outcome) {
        try {
            if (!settled) {
                messages.published(id, outcome);
            } else if (outcome instanceof PublishOutcome.Refused refused) {
                messages.settledRefused(refused.refusal(), tag);
            }
        } catch (RuntimeException failure) {
            IncomingLink link = messages.link();
            link.session().connection().failures().caught(link.session(), link, failure);
        }
    }
}
