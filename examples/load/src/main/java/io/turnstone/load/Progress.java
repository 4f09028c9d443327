package io.turnstone.load;

/**
 * How far one loop, or all together, has come. Immutable; a loop publishes one at the end of each turn.
 *
 * @param attached whether each link has the broker's answer
 * @param phaseDone the number of the last phase whose messages are all written
 * @param distinct different messages that arrived, counted once per loop, or once per consumer with fan-out
 */
record Progress(boolean attached, int phaseDone, long sent, long settled, long refused, long distinct, long received) {

    static final Progress NONE = new Progress(false, 0, 0, 0, 0, 0, 0);

    Progress plus(Progress other) {
        return new Progress(
                attached && other.attached,
                Math.min(phaseDone, other.phaseDone),
                sent + other.sent,
                settled + other.settled,
                refused + other.refused,
                distinct + other.distinct,
                received + other.received);
    }
}
