package io.turnstone.amqp;

/**
 * What links may hold that outlive their connections (part 2, section 2.6.13). Immutable.
 *
 * @param perContainer links of one container that keep track of their deliveries, attached and suspended
 * @param links such links of the broker
 * @param deliveries unsettled deliveries of one suspended link; the youngest beyond them return to the queue
 * @param bytes of these deliveries
 */
public record LastingLimits(int perContainer, int links, int deliveries, long bytes) {

    /** Those of a broker that was not told any. */
    public static final LastingLimits DEFAULT = new LastingLimits(1_000, 100_000, 10_000, 64L << 20);

    public LastingLimits {
        AmqpSettings.within("perContainer", perContainer, 0, 10_000_000);
        AmqpSettings.within("links", links, 0, 10_000_000);
        AmqpSettings.within("deliveries", deliveries, 0, 10_000_000);
        AmqpSettings.within("bytes", bytes, 0, 1L << 40);
    }
}
