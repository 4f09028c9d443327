package io.turnstone.broker.host;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How a loop that has nothing to do waits: asleep, or awake for a moment. A thread that falls asleep takes its processor
 * with it, and waking both takes longer than the work for a message. So where nearly every wait of late was shorter than
 * that, as with one request and reply after the other, the next is spent asking again and again, up to a limit; a wait
 * that outlasts it counts as a miss and goes on asleep. Where every other wait is long, as between messages that come
 * at a steady rate, loops sleep. Thread: the loop.
 */
final class IdleWait implements SelectStrategy {

    /** Longer than a client on the same machine takes to answer, and about as long as falling asleep and waking. */
    static final long AWAKE_NANOS = 50_000;

    /** What was slept through, from falling asleep to the end of the turn after it, where waiting awake would have done. */
    static final long ASLEEP_NANOS = 75_000;

    private static final int ALL = 256;
    private static final int MOST = ALL * 7 / 8;
    private static final int WEIGHT = 4;

    private enum State {
        BUSY,
        AWAKE,
        ASLEEP
    }

    private final LongSupplier clock;
    private State state = State.BUSY;
    private long since;
    private int shortWaits;

    IdleWait(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * What the loop does next.
     *
     * @param ready asks which sockets are ready, without waiting
     * @param tasks whether the loop has something else to do
     * @return how many sockets are ready, or that the loop shall sleep, or ask again
     */
    @Override
    public int calculateStrategy(IntSupplier ready, boolean tasks) throws Exception {
        long now = 0;
        if (state == State.ASLEEP) {
            now = clock.getAsLong();
            waited(now - since < ASLEEP_NANOS);
        }
        if (tasks) {
            if (state == State.AWAKE) {
                waited(true);
            }
            return ready.get();
        }
        if (state == State.AWAKE) {
            return ask(ready);
        }
        since = now != 0 ? now : clock.getAsLong();
        if (shortWaits < MOST) {
            state = State.ASLEEP;
            return SELECT;
        }
        state = State.AWAKE;
        return ask(ready);
    }

    private int ask(IntSupplier ready) throws Exception {
        int sockets = ready.get();
        if (sockets > 0) {
            waited(true);
            return sockets;
        }
        if (clock.getAsLong() - since < AWAKE_NANOS) {
            return CONTINUE;
        }
        waited(false);
        return SELECT;
    }

    private void waited(boolean briefly) {
        state = State.BUSY;
        shortWaits += ((briefly ? ALL : 0) - shortWaits) >> WEIGHT;
    }
}
