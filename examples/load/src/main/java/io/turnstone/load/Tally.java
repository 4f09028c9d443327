package io.turnstone.load;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What happened on one loop, or (after {@link #addAll}) on all: totals over all phases, spans and histograms
 * of the measured phase alone, in nanoseconds. Owned by its loop while that runs.
 */
final class Tally {

    private static final int DIGITS = 3;

    /** Totals over all phases. */
    long sent;

    long settled;
    long refused;
    long received;
    long foreign;
    long damaged;
    long reordered;

    @Nullable
    String firstRefusal;

    final Span sending = new Span();
    final Span settling = new Span();
    final Span receiving = new Span();

    /** From the moment a message was due until it arrived. */
    final Histogram latency = new Histogram(DIGITS);

    /** From writing a message until the broker settled it. */
    final Histogram confirm = new Histogram(DIGITS);

    /** How late the generator itself was; only meaningful at a fixed rate. */
    final Histogram late = new Histogram(DIGITS);

    void addAll(Tally other) {
        sent += other.sent;
        settled += other.settled;
        refused += other.refused;
        received += other.received;
        foreign += other.foreign;
        damaged += other.damaged;
        reordered += other.reordered;
        firstRefusal = firstRefusal == null ? other.firstRefusal : firstRefusal;
        sending.addAll(other.sending);
        settling.addAll(other.settling);
        receiving.addAll(other.receiving);
        latency.add(other.latency);
        confirm.add(other.confirm);
        late.add(other.late);
    }
}
