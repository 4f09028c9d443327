package io.turnstone.api.store;

/**
 * Figures of a store at one moment.
 *
 * @param state {@code ok}, {@code full} (disk full, publishes refused), {@code damaged} or {@code failed}
 * @param detail why, in a sentence; empty when ok
 * @param fsync when what is committed is forced: {@code always}, {@code interval:10ms}, {@code never}; empty when nothing
 *     is kept
 * @param journalBytes bytes in the journal's files
 * @param absorbedBytes bytes in the files behind the journal
 * @param commits group commits since start
 * @param records records committed since start
 * @param commitNanos total time of the group commits, in nanoseconds
 * @param commitBounds upper bounds of the latency buckets in nanoseconds, ascending; the last bucket has no bound
 * @param commitBuckets commits per latency bucket, one more than bounds
 */
public record StoreStatus(
        String state,
        String detail,
        String fsync,
        long journalBytes,
        long absorbedBytes,
        long commits,
        long records,
        long commitNanos,
        long[] commitBounds,
        long[] commitBuckets) {}
