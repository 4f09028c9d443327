package io.turnstone.amqp.codec;

/** Serial numbers of 32 bits as RFC 1982 and AMQP's transfer-ids, delivery-ids and delivery-counts have them. */
public final class Serial {

    private Serial() {}

    /** How far {@code to} is ahead of {@code from}; negative when it is behind. */
    public static int distance(int from, int to) {
        return to - from;
    }

    /** Whether {@code a} comes before {@code b}. */
    public static boolean before(int a, int b) {
        return a - b < 0;
    }
}
