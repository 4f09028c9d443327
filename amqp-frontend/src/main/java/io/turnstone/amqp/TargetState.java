package io.turnstone.amqp;

import io.turnstone.amqp.codec.Serial;
import io.turnstone.amqp.error.LinkError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Target;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one incoming {@link LastingLink} that came and of which its sender may not know the end: so a delivery
 * that is sent or resumed once more is known, and published once. Owned as its link is.
 */
final class TargetState {

    /*
     * With rcv-settle-mode second a delivery is forgotten when the sender settles it. With first we settle, and the sender
     * may never hear of it: so it stays until the sender shows that it has read further than that. Whoever uses credit of
     * a flow has read what was written before the flow. That flow's credit begins where the credit before it ended
     * (epochEnd); a delivery beyond it proves that all is known which was settled when the flow was sent (epochSettled).
     */

    private final LastingLink link;
    private final Map<Binary, Remembered> byTag = new LinkedHashMap<>();
    private final ArrayDeque<Remembered> settled = new ArrayDeque<>(0);
    private @Nullable Target asked;
    private long settledEver;
    private boolean epoch;
    private int epochEnd;
    private long epochSettled;

    TargetState(LastingLink link) {
        this.link = link;
    }

    LastingLink link() {
        return link;
    }

    boolean isEmpty() {
        return byTag.isEmpty();
    }

    /** All that is remembered, in the order it came. */
    List<Remembered> all() {
        return new ArrayList<>(byTag.values());
    }

    /**
     * Forgets what the sender has settled, and shows the rest (part 2, section 2.6.13): deliveries that we alone consider
     * unsettled are settled, unless the sender could not show all of its own.
     */
    void compare(Attach sender, UnsettledMap shown) {
        Map<?, ?> theirs = UnsettledMap.of(sender);
        boolean all = !sender.getIncompleteUnsettled();
        for (Remembered delivery : all()) {
            if (all && !theirs.containsKey(delivery.tag())) {
                forget(delivery);
            } else {
                shown.add(delivery.tag(), delivery.outcome());
            }
        }
    }

    /** A link that knows only its name gets the target it had (part 2, section 2.6.3). */
    void recover(Attach sender) {
        if (sender.getTarget() == null && asked != null && !isEmpty()) {
            sender.setTarget(asked);
        }
        asked = sender.getTarget();
    }

    @Nullable
    Remembered get(byte[] tag) {
        return get(new Binary(tag));
    }

    @Nullable
    Remembered get(Binary tag) {
        return byTag.get(tag);
    }

    /** Whether what it knows survives the broker. */
    boolean durable() {
        return link.expiry().keepsUnsettled();
    }

    /**
     * A new delivery has come.
     *
     * @throws LinkError when the delivery-tag is that of another one, which is not settled
     */
    void arrived(Remembered delivery) {
        Remembered other = byTag.get(delivery.tag());
        if (other != null && !other.isSettled()) {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED,
                    "delivery-tag " + delivery.tag() + " is that of an unsettled delivery; resume that one, or take"
                            + " another tag");
        }
        if (other != null) {
            forget(other);
        }
        byTag.put(delivery.tag(), delivery);
    }

    /** We have settled a delivery; its sender may not hear of it. */
    void settled(Remembered delivery) {
        settled.add(delivery);
        settledEver++;
    }

    /** A flow leaves, with credit beyond that delivery-count. */
    void granted(int end) {
        if (!epoch && !settled.isEmpty()) {
            epoch = true;
            epochEnd = end;
            epochSettled = settledEver;
        }
    }

    /** A delivery came that made the delivery-count this. */
    void counted(int deliveryCount) {
        if (epoch && Serial.before(epochEnd, deliveryCount)) {
            epoch = false;
            for (long known = epochSettled - (settledEver - settled.size()); known > 0; known--) {
                forget(settled.remove());
            }
        }
    }

    /** Neither end is going to speak of a delivery any more. */
    void forget(Remembered delivery) {
        if (byTag.remove(delivery.tag(), delivery)) {
            delivery.unkeep();
        }
    }

    /** A former run of the broker has accepted a delivery. */
    void recovered(Remembered delivery) {
        byTag.put(delivery.tag(), delivery);
    }

    /** Nobody will come back. */
    void drop() {
        all().forEach(this::forget);
    }

    /** The link is gone: no delivery has an id any more. */
    void suspend() {
        epoch = false;
        byTag.values().forEach(Remembered::dissociate);
    }
}
