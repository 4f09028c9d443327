package io.turnstone.amqp;

/**
 * The credit of one incoming link (part 2, section 2.6.7): what was granted, what was used, and when to grant more.
 * Owned by the loop of its connection.
 */
final class LinkCredit {

    private final int window;
    /** The sender's, as far as we know. */
    private int deliveryCount;
    /** The delivery-count at which the granted credit ends. */
    private int limit;
    /** Aborted deliveries: a sender may not have counted them, so it may come that far beyond the limit. */
    private int slack;

    LinkCredit(int window, int initialDeliveryCount) {
        this.window = window;
        this.deliveryCount = initialDeliveryCount;
        this.limit = initialDeliveryCount;
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

    /** What is left. */
    int left() {
        return Math.max(0, limit - deliveryCount);
    }

    /** Whether so little is left that the sender should get more. */
    boolean low() {
        return left() <= window / 2;
    }

    /** Grants up to the window, but at most {@code most}; never takes credit back. */
    void grant(int most) {
        int grant = Math.min(window, most);
        if (grant > left()) {
            limit = deliveryCount + grant;
        }
    }

    int deliveryCount() {
        return deliveryCount;
    }
}
