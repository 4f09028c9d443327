package io.turnstone.store.journal;

import io.turnstone.api.Loop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Lets the writer begin when a loop has submitted all that its turn brings, so that a turn is one group: a disk takes
 * about as long for ten records as for one, and whoever begins with the first lets the other nine wait twice.
 *
 * <p><b>Threads:</b> any; each turn belongs to its loop.
 */
final class TurnEnds {

    private static final int LOOPS = 256;

    /** A long turn goes in parts, so that the writer writes while the loop submits. */
    private static final long PART_BYTES = 256 << 10;

    private static final int PART_RECORDS = 1024;

    private final AtomicReferenceArray<@Nullable Turn> turns = new AtomicReferenceArray<>(LOOPS);
    private final Runnable begin;

    /** @param begin lets the writer begin; any thread */
    TurnEnds(Runnable begin) {
        this.begin = begin;
    }

    /** A loop submitted a record of about so many bytes. */
    void submitted(Loop from, long bytes) {
        var turn = turn(from);
        if (turn == null) {
            begin.run();
        } else {
            turn.submitted(bytes);
        }
    }

    /** Null for a thread that has no turns, or a loop whose place another one has. */
    private @Nullable Turn turn(Loop from) {
        int index = from.index();
        if (index >= LOOPS || !from.inLoop()) {
            return null;
        }
        var turn = turns.get(index);
        if (turn == null) {
            turns.compareAndSet(index, null, new Turn(from));
            turn = turns.get(index);
        }
        return turn != null && turn.loop == from ? turn : null;
    }

    private final class Turn implements Runnable {
        private final Loop loop;
        private long bytes;
        private int records;
        private boolean ends;
        private boolean yielded;

        Turn(Loop loop) {
            this.loop = loop;
        }

        void submitted(long more) {
            bytes += more;
            records++;
            if (!ends) {
                ends = true;
                yielded = false;
                waitForEnd();
            }
            if (bytes > PART_BYTES || records > PART_RECORDS) {
                bytes = 0;
                records = 0;
                begin.run();
            }
        }

        private void waitForEnd() {
            try {
                loop.atEndOfTurn(this);
            } catch (RejectedExecutionException e) { // the loop is closing
                ends = false;
                begin.run();
            }
        }

        /** Queues submit what they collected at the end of the turn too: those go with the rest. */
        @Override
        public void run() {
            if (!yielded) {
                yielded = true;
                waitForEnd();
                return;
            }
            ends = false;
            if (records > 0) {
                bytes = 0;
                records = 0;
                begin.run();
            }
        }
    }
}
