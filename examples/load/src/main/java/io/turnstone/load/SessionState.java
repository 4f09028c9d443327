package io.turnstone.load;

/**
 * The windows and numbers of one connection's only session (AMQP 1.0 §2.5.6), and the deliveries that wait to
 * be accepted. Owned by one connection.
 */
final class SessionState {

    /** What we take: in effect no limit, link credit is the bound. */
    static final int INCOMING_WINDOW = Integer.MAX_VALUE;

    static final int OUTGOING_WINDOW = Integer.MAX_VALUE;

    private int nextIncomingId;
    private int nextOutgoingId;
    private int nextDeliveryId;
    private int peerWindow;

    private int firstToAccept;
    private int toAccept;

    /** Called with the broker's begin. */
    void begun(int peerNextOutgoingId, int peerIncomingWindow) {
        nextIncomingId = peerNextOutgoingId;
        peerWindow = peerIncomingWindow;
    }

    /**
     * Called with each flow; {@code peerNextIncomingId} is {@code initial} while the broker has not seen our begin.
     */
    void flow(int peerNextIncomingId, int peerIncomingWindow, int peerNextOutgoingId) {
        nextIncomingId = peerNextOutgoingId;
        peerWindow = peerNextIncomingId + peerIncomingWindow - nextOutgoingId;
    }

    /** Whether one more transfer frame fits the broker's window. */
    boolean mayTransfer() {
        return peerWindow > 0;
    }

    void transferSent() {
        nextOutgoingId++;
        peerWindow--;
    }

    void transferReceived() {
        nextIncomingId++;
    }

    int nextIncomingId() {
        return nextIncomingId;
    }

    int nextOutgoingId() {
        return nextOutgoingId;
    }

    int nextDeliveryId() {
        return nextDeliveryId;
    }

    int takeDeliveryId() {
        return nextDeliveryId++;
    }

    /** Whether {@code deliveryId} continues the range that waits to be accepted, or begins one. */
    boolean continues(int deliveryId) {
        return toAccept == 0 || deliveryId == firstToAccept + toAccept;
    }

    void toAccept(int deliveryId) {
        if (toAccept++ == 0) {
            firstToAccept = deliveryId;
        }
    }

    boolean anyToAccept() {
        return toAccept > 0;
    }

    int firstToAccept() {
        return firstToAccept;
    }

    int lastToAccept() {
        return firstToAccept + toAccept - 1;
    }

    void accepted() {
        toAccept = 0;
    }
}
