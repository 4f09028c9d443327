package io.turnstone.load;

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
record Figures(
        Plan plan,
        Tally tally,
        long lost,
        long repeated,
        OptionalLong brokerPid,
        long brokerCpuNanos,
        long ownCpuNanos,
        boolean gaveUp) {

    /** Messages of the measured phase: received, or sent when nobody received. */
    long measured() {
        return plan.links().consumers() > 0 ? tally.receiving.count() : tally.sending.count();
    }

    OptionalDouble brokerMicrosPerMessage() {
        return brokerPid.isPresent() && measured() > 0
                ? OptionalDouble.of(brokerCpuNanos / 1e3 / measured())
                : OptionalDouble.empty();
    }

    double ownMicrosPerMessage() {
        return measured() > 0 ? ownCpuNanos / 1e3 / measured() : 0;
    }

    /** Whether each message was taken, arrived and arrived once. */
    boolean good() {
        return lost == 0 && repeated == 0 && tally.refused == 0 && tally.damaged == 0 && !gaveUp && measured() > 0;
    }
}
