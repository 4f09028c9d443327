package io.turnstone.router.exchange;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one loop counted for each exchange, by the exchange's number. Counted by its loop only, without contention; read
 * by any thread, a moment late.
 */
public final class ExchangeCounters {

    /** The number of the default exchange. */
    public static final int DEFAULT_EXCHANGE = 0;

    private static final int WIDTH = 3;

    private volatile AtomicLongArray counts = new AtomicLongArray(64 * WIDTH);

    /** One message came to these exchanges. */
    public void published(int[] exchanges) {
        for (int exchange : exchanges) {
            published(exchange);
        }
    }

    void published(int exchange) {
        increment(exchange * WIDTH);
    }

    /** A message that came to an exchange went nowhere. */
    public void unroutable(int exchange) {
        increment(exchange * WIDTH + 1);
    }

    /** A message that came to an exchange was refused by a queue, and nobody waits to hear of it. */
    public void dropped(int exchange) {
        increment(exchange * WIDTH + 2);
    }

    /** The number will be another exchange's. */
    public void reset(int exchange) {
        var array = counts;
        if ((exchange + 1) * WIDTH <= array.length()) {
            array.setOpaque(exchange * WIDTH, 0);
            array.setOpaque(exchange * WIDTH + 1, 0);
            array.setOpaque(exchange * WIDTH + 2, 0);
        }
    }

    private void increment(int at) {
        var array = counts;
        if (at >= array.length()) {
            array = grown(array, at);
        }
        array.setOpaque(at, array.getPlain(at) + 1);
    }

    private AtomicLongArray grown(AtomicLongArray old, int at) {
        var larger = new AtomicLongArray(Math.max(2 * old.length(), (at + 1) * 2));
        for (int i = 0; i < old.length(); i++) {
            larger.setPlain(i, old.getPlain(i));
        }
        counts = larger;
        return larger;
    }

    /** How many messages came to an exchange. */
    public long publishedTo(int exchange) {
        return read(exchange * WIDTH);
    }

    /** How many messages that came to an exchange went nowhere. */
    public long unroutableAt(int exchange) {
        return read(exchange * WIDTH + 1);
    }

    /** How many messages that came to an exchange were dropped on the way into a queue. */
    public long droppedAt(int exchange) {
        return read(exchange * WIDTH + 2);
    }

    private long read(int at) {
        var array = counts;
        return at < array.length() ? array.getOpaque(at) : 0;
    }
}
