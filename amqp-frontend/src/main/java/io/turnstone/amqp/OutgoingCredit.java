package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Serial;
import io.turnstone.api.Consumer;

/**
 * The credit of one outgoing link (part 2, section 2.6.7): what the peer gave, what of it the queue may use, and what is
 * given up in a drain. Owned by the loop of its connection.
 */
final class OutgoingCredit {

    /** The protocol's: deliveries sent and credit given up in a drain, as a serial number. */
    private int deliveryCount;

    private int left;
    /** What the peer's latest flow said. */
    private boolean drain;
    /** The queue drains and has not answered: it is asked nothing more until then, so that no drain is cancelled. */
    private boolean draining;
    /** What the peer wants has changed while the queue drained. */
    private boolean changed;
    /** The queue has answered the latest drain; the peer hears of it when what waits has left. */
    private boolean drained;
    /** An answer is owed to a drain, whatever transfers it brought. */
    private boolean drainOwed;
    /** How many deliveries the queue may have made in total. */
    private long allowed;
    /** Some of the peer's credit was kept from the queue, because too much is unsettled. */
    private boolean capped;

    /**
     * The peer's flow: the receiver's delivery-count and credit, less what it had not seen yet.
     *
     * @param seen the delivery-count as the peer knows it
     * @return whether an answer is owed, with the drain's if it drains
     */
    boolean granted(int seen, long linkCredit, boolean drains, boolean echo) {
        long total = Math.min(linkCredit, Integer.MAX_VALUE);
        // A peer that counts ahead gives more than its credit.
        left = (int) Math.min(Integer.MAX_VALUE, Math.max(0, total - Serial.distance(seen, deliveryCount)));
        drain = drains;
        drained = false;
        boolean owed = drainOwed || echo;
        drainOwed = drain && (owed || total == 0);
        return owed;
    }

    /**
     * Tells the queue how much it may hand over.
     *
     * @param sent deliveries begun so far
     * @param room how many more there is room for
     */
    void allow(Consumer from, long sent, int room) {
        capped = room < left;
        changed = draining;
        if (!draining) {
            // Before it is asked: the answer may come at once.
            draining = drain;
            allowed = sent + Math.min(left, room);
            from.flow(allowed, drain);
        }
    }

    /** A delivery was not sent: a queue that drains has to be asked again. */
    void passed() {
        changed |= draining;
    }

    /** Whether the queue may hand over more than it has. */
    boolean exceedsQueue() {
        return left > 0 && !capped;
    }

    /** Whether some of the peer's credit was kept from the queue. */
    boolean capped() {
        return capped;
    }

    /** There is room again; the queue will be asked. */
    void uncap() {
        capped = false;
    }

    /** One delivery begins. */
    void take() {
        deliveryCount++;
        left--;
    }

    int left() {
        return left;
    }

    /** What is left, counted from a delivery-count that the peer knows. */
    long from(int seen) {
        return Math.max(0, (long) left + Serial.distance(seen, deliveryCount));
    }

    boolean drains() {
        return drain;
    }

    /** Whether the queue has answered a drain of which the peer is still to hear. */
    boolean drained() {
        return drained;
    }

    /**
     * The queue has answered a drain.
     *
     * @param delivered deliveries it has made in total
     * @return whether it has to be asked again, since the peer wants something else by now
     */
    boolean queueDrained(long delivered) {
        draining = false;
        if (!changed) {
            // Where we stopped the queue there may be more: it is asked again when the peer has settled some.
            boolean stopped = capped && delivered == allowed;
            drained = drain && !stopped;
        }
        return changed;
    }

    /**
     * Gives up what credit is left once everything that was handed over is sent. When transfers had used it all up, they
     * are the answer: a flow behind them would take back the credit that receivers may have given since.
     *
     * @return whether a flow is to be sent before {@link #drainAnswered}
     */
    boolean giveUp() {
        drained = false;
        boolean tell = left > 0 || drainOwed;
        if (tell) {
            drainOwed = false;
            deliveryCount += left;
            left = 0;
        }
        return tell;
    }

    void drainAnswered() {
        drain = false;
    }

    /** Says in a flow how things stand. */
    void fill(FlowFrame flow) {
        flow.hasDeliveryCount = true;
        flow.deliveryCount = deliveryCount;
        flow.hasLinkCredit = true;
        flow.linkCredit = left;
    }
}
