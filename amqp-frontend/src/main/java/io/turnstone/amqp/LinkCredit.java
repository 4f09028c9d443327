package io.turnstone.amqp;

import io.turnstone.amqp.codec.Serial;

/**
 * The credit of one incoming link (part 2, section 2.6.7): what was granted, what was used, and when to grant more.
 * Owned by the loop of its connection.
 */
final class LinkCredit {

    private int window;
    /** The window when credit was granted last; a wider one waits until that is half used. */
    private int granted;
    /** The sender's, as far as we know. */
    private int deliveryCount;
    /** The delivery-count at which the credit ends that we told last. */
    private int told;
    /** The furthest we ever told: what was sent before the sender heard that credit was taken back is no mistake. */
    private int limit;
    /** Aborted deliveries: a sender may not have counted them, so it may come that far beyond the limit. */
    private int slack;

    LinkCredit(int window, int initialDeliveryCount) {
        this.window = window;
        this.granted = window;
        this.deliveryCount = initialDeliveryCount;
        this.told = initialDeliveryCount;
        this.limit = initialDeliveryCount;
    }

    /** How much to grant from now on. */
    void window(int credit) {
        window = credit;
    }

    /** A delivery begins; false if there was no credit for it. */
    boolean take() {
        if (deliveryCount - limit >= slack) {
            return false;
        }
        deliveryCount++;
        return true;
    }

    /** The delivery that began last was given up by its sender. */
    void aborted() {
        slack++;
    }

    /** The sender told its delivery-count; it may have skipped some when it was asked to drain. */
    void sender(int count) {
        if (Serial.distance(deliveryCount, count) >= 0 && Serial.distance(count, limit) >= 0) {
            deliveryCount = count;
            slack = 0;
        }
    }

    /** The delivery-count up to which a delivery may come, as the sender was ever told. */
    int end() {
        return limit;
    }

    /** What is left of what we told last. */
    int left() {
        return Math.max(0, told - deliveryCount);
    }

    /** How many deliveries may still be on the way. */
    int onTheWay() {
        return Math.max(0, limit - deliveryCount);
    }

    /** Whether so little is left that the sender should get more. */
    boolean low() {
        return left() <= Math.min(window, granted) / 2;
    }

    /** Whether so much is left that some should be taken back. */
    boolean high() {
        return left() > 2 * window;
    }

    /** Grants up to the window, but at most {@code most}; takes nothing back. */
    void grant(int most) {
        int grant = Math.min(window, most);
        if (grant > left()) {
            granted = window;
            told = deliveryCount + grant;
            limit = Serial.before(limit, told) ? told : limit;
        }
    }

    /** Takes back what is beyond the window. */
    void lower() {
        told = deliveryCount + Math.min(left(), window);
    }

    /** Takes all of it back. */
    void revoke() {
        told = deliveryCount;
    }

    int deliveryCount() {
        return deliveryCount;
    }
}
