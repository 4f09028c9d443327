package io.turnstone.load;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one run found out.
 *
 * @param lost accepted by the broker (or sent pre-settled) but never received; 0 when nobody received
 * @param brokerPid empty when the broker's process is unknown
 * @param brokerCpuNanos of the measured phase
 * @param gaveUp the run ended because nothing moved any more
 */
public record Figures(
        Plan plan,
        Tally tally,
        long lost,
        long repeated,
        OptionalLong brokerPid,
        long brokerCpuNanos,
        long ownCpuNanos,
        boolean gaveUp) {

    /** Messages of the measured phase: received, or sent when nobody received. */
    public long measured() {
        return plan.links().consumers() > 0 ? tally.receiving.count() : tally.sending.count();
    }

    /** The broker's processor time for each of them; empty when its process is unknown. */
    public OptionalDouble brokerMicrosPerMessage() {
        return brokerPid.isPresent() && measured() > 0
                ? OptionalDouble.of(brokerCpuNanos / 1e3 / measured())
                : OptionalDouble.empty();
    }

    /** The generator's own. */
    public double ownMicrosPerMessage() {
        return measured() > 0 ? ownCpuNanos / 1e3 / measured() : 0;
    }

    /** Whether each message was taken, arrived and arrived once. */
    public boolean good() {
        return lost == 0 && repeated == 0 && tally.refused == 0 && tally.damaged == 0 && !gaveUp && measured() > 0;
    }

    /** Why it is not good, in words. */
    public String trouble() {
        String counts = String.format(
                Locale.ROOT,
                "%,d lost, %,d repeated, %,d refused, %,d damaged",
                lost,
                repeated,
                tally.refused,
                tally.damaged);
        return counts
                + (gaveUp ? ", gave up as nothing moved" : "")
                + (tally.firstRefusal == null ? "" : ", first refusal: " + tally.firstRefusal);
    }

    /** Messages sent per second. */
    public double sendRate() {
        return tally.sending.rate();
    }

    /** Messages settled by the broker per second. */
    public double confirmRate() {
        return tally.settling.rate();
    }

    /** Messages received per second, of all consumers together. */
    public double receiveRate() {
        return tally.receiving.rate();
    }

    /** From writing a message until the broker settled it. */
    public double confirmMs(double percentile) {
        return tally.confirm.getValueAtPercentile(percentile) / 1e6;
    }

    /** From the moment a message was due until it arrived. */
    public double latencyMs(double percentile) {
        return tally.latency.getValueAtPercentile(percentile) / 1e6;
    }
}
