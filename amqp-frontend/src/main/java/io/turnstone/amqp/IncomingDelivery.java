package io.turnstone.amqp;

import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;

/** One message of an incoming link on its way through the core. Owned by the loop of its connection. */
final class IncomingDelivery implements Publisher.PublishListener {

    private static final byte[] NO_TAG = {};

    private final IncomingLink link;
    private final int id;
    private final boolean settled;
    private final byte[] tag;

    /** A delivery that the peer wants to hear of. */
    IncomingDelivery(IncomingLink link, int id) {
        this(link, id, false, NO_TAG);
    }

    private IncomingDelivery(IncomingLink link, int id, boolean settled, byte[] tag) {
        this.link = link;
        this.id = id;
        this.settled = settled;
        this.tag = tag;
    }

    /** A pre-settled delivery whose refusal ends the link. */
    static IncomingDelivery settled(IncomingLink link, int id, byte[] tag) {
        return new IncomingDelivery(link, id, true, tag);
    }

    @Override
    public void published(PublishOutcome outcome) {
        try {
            if (!settled) {
                link.published(id, outcome);
            } else if (outcome instanceof PublishOutcome.Refused refused) {
                link.settledRefused(refused.refusal(), tag);
            }
        } catch (RuntimeException failure) {
            link.session().connection().failures().caught(link.session(), link, failure);
        }
    }
}
