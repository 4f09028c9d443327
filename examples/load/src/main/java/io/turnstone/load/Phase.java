package io.turnstone.load;

/**
 * One stretch of sending, warm-up or measured, and when each message of it is due. Immutable.
 *
 * @param number 1 for the first phase; goes into each message
 * @param rate messages per second of all producers together; 0 is as fast as possible
 */
record Phase(int number, boolean measured, Plan.Amount amount, long startNanos, double rate, int producers) {

    /** Before the first one: nothing to send. */
    static final Phase NONE = new Phase(0, false, new Plan.Amount(0, Long.MAX_VALUE), 0, 0, 1);

    /** When message {@code index} of {@code producer} is due: producers take turns, evenly spaced. Only with a rate. */
    long dueNanos(int producer, long index) {
        return startNanos + (long) ((index * producers + producer) * (1e9 / rate));
    }

    boolean over(long nowNanos) {
        return amount.timed() && nowNanos - startNanos >= amount.nanos();
    }

    long share(int producer) {
        return amount.share(producer, producers);
    }
}
