package io.turnstone.amqp;

import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Router;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of an incoming {@link LastingLink}, from its last transfer until neither end will speak of it. Owned as its
 * link is; {@link #published} comes on the loop that published it.
 */
final class Remembered implements Publisher.PublishListener {

    private final TargetState state;
    private final Binary tag;
    private final @Nullable IncomingMessages publishedBy;
    /** Where its sender hears of it; null while it has no delivery-id. */
    private @Nullable IncomingMessages at;

    private int id;
    private boolean settlesFirst;
    private @Nullable DeliveryState outcome;
    private boolean settled;
    /** How it stands in the store, if it does, and the way there. */
    private @Nullable KeptDelivery kept;

    private @Nullable Router router;

    /** One that a former run of the broker accepted. */
    Remembered(TargetState state, KeptDelivery kept, Router router) {
        this.state = state;
        this.tag = kept.tag();
        this.publishedBy = null;
        this.kept = kept;
        this.router = router;
        outcome = Accepted.getInstance();
    }

    /** One that came over this link. */
    Remembered(TargetState state, byte[] tag, IncomingMessages publishedBy) {
        this.state = state;
        this.tag = new Binary(tag);
        this.publishedBy = publishedBy;
    }

    Binary tag() {
        return tag;
    }

    /** What became of it, or null as long as that is not known. */
    @Nullable
    DeliveryState outcome() {
        return outcome;
    }

    /** Whether we have settled it. */
    boolean isSettled() {
        return settled;
    }

    int id() {
        return id;
    }

    /** Whether we settle it without waiting for its sender. */
    boolean settlesFirst() {
        return settlesFirst;
    }

    /** It has an id, for the first time or again. */
    void associate(IncomingMessages link, int deliveryId, boolean weSettleFirst) {
        at = link;
        id = deliveryId;
        settlesFirst = weSettleFirst;
        if (outcome != null) {
            tell(link);
        }
    }

    /** Its link is gone. */
    void dissociate() {
        at = null;
    }

    @Override
    public void published(PublishOutcome published) {
        if (publishedBy != null) {
            publishedBy.answered(this, published);
        }
    }

    /** It is known what became of it. Any thread. */
    void ended(DeliveryState known) {
        state.link().forward(() -> {
            outcome = known;
            IncomingMessages link = at;
            if (link != null) {
                tell(link);
            }
        });
    }

    private void tell(IncomingMessages link) {
        if (settlesFirst && !settled) {
            settled = true;
            state.settled(this);
        }
        link.tell(this);
    }

    /** Its sender has settled it. */
    void settledBySender() {
        state.forget(this);
        IncomingMessages link = at;
        at = null;
        if (link != null) {
            link.settledBySender();
        }
    }

    /** It was accepted, and that stands in the store. Any thread. */
    void kept(KeptDelivery asStored, Router inRouter) {
        state.link().forward(() -> {
            kept = asStored;
            router = inRouter;
            if (state.get(tag) != this) {
                unkeep(); // its sender has settled it meanwhile
            }
        });
    }

    /** It need not stand in the store any more. */
    void unkeep() {
        KeptDelivery stored = kept;
        Router in = router;
        kept = null;
        if (stored != null && in != null) {
            stored.forget(in, state.link().owner());
        }
    }

    /** What became of it is nothing that could be told: it is as if it had not come. */
    void refused() {
        state.link().forward(() -> state.forget(this));
    }
}
