package io.turnstone.api.store;

/**
 * Neighbours in one level of a queue, seen from afar: 1 to 64 messages.
 *
 * @param positions ascending
 * @param bytes of their bodies together
 * @param expiresAtMs nothing happens to them by time alone before (they do not expire; in the
 *     {@linkplain Marks#DELAYED_LEVEL level of delayed messages} none is due); {@link io.turnstone.api.Message#NONE} when
 *     nothing ever does
 */
public record StoredRun(long[] positions, long bytes, long expiresAtMs) {

    /** Most messages of one run. */
    public static final int MAX = 64;
}
