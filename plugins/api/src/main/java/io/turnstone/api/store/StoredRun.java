package io.turnstone.api.store;

/**
 * Neighbours in one level of a queue, seen from afar: 1 to 64 messages.
 *
 * @param positions ascending
 * @param bytes of their bodies together
 * @param expiresAtMs none of them expires before; {@link io.turnstone.api.Message#NONE} when none ever does
 */
public record StoredRun(long[] positions, long bytes, long expiresAtMs) {

    /** Most messages of one run. */
    public static final int MAX = 64;
}
