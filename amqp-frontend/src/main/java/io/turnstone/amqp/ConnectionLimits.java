package io.turnstone.amqp;

import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.Loop;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/** What one peer may take up, beyond what windows and credit limit already. Owned by the loop of its connection. */
final class ConnectionLimits {

    /** What may be unfinished on the heap beside one message of the largest size, in bytes. */
    private static final long OTHER_PARTIAL_BYTES = 16L << 20;

    private static final long SECOND_MS = 1_000;

    private final Loop loop;
    private final AmqpSettings settings;
    private long sinceMs;
    private int begun;
    private final long mostPartialBytes;
    private long partialBytes;

    /** @param spools whether large messages go into files, so that they are not on the heap */
    ConnectionLimits(Loop loop, AmqpSettings settings, boolean spools) {
        this.loop = loop;
        this.settings = settings;
        long largest = settings.maxMessageBytes();
        mostPartialBytes =
                spools ? settings.spoolBytes() + OTHER_PARTIAL_BYTES : largest + Math.min(largest, OTHER_PARTIAL_BYTES);
    }

    /** A session or link begins. */
    void begin() {
        long now = loop.steadyMs();
        if (now - sinceMs >= SECOND_MS) {
            sinceMs = now;
            begun = 0;
        }
        if (++begun > settings.attachesPerSecond()) {
            throw exceeded("more than " + settings.attachesPerSecond()
                    + " sessions and links were begun within a second; keep them open instead");
        }
    }

    /** So many bytes more (or less) on the heap belong to unfinished messages. */
    void partial(long bytes) {
        partialBytes += bytes;
        if (partialBytes > mostPartialBytes) {
            throw exceeded("unfinished messages have " + partialBytes + " bytes; finish some before beginning others");
        }
    }

    private static ConnectionError exceeded(String what) {
        return new ConnectionError(AmqpError.RESOURCE_LIMIT_EXCEEDED, what);
    }
}
