package io.turnstone.router.topology;

/**
 * How much one client may do in transactions. Immutable.
 *
 * @param open most transactions of one connection that are open at the same time
 * @param work most messages published and settled in one transaction
 * @param bytes most bytes of the messages published in one transaction
 * @param timeoutMs age at which an open transaction is rolled back, in milliseconds; 0 for never
 */
public record TransactionLimits(int open, int work, long bytes, long timeoutMs) {

    /** Generous for one machine. */
    public static final TransactionLimits DEFAULT = new TransactionLimits(256, 100_000, 256L << 20, 300_000);

    public TransactionLimits {
        if (open < 1 || work < 1 || bytes < 1 || timeoutMs < 0) {
            throw new IllegalArgumentException("limits of transactions must be at least 1, the timeout at least 0: "
                    + open + " open, " + work + " messages, " + bytes + " bytes, " + timeoutMs + " ms");
        }
    }
}
