package io.turnstone.router.topology;

import io.turnstone.api.store.StoreRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives queues their numbers: stored queues count up from 1 and never twice, across restarts; the others count down from
 * -1. What is used is written ahead in blocks, so most declarations write nothing here. Owned by the topology loop.
 */
final class QueueNumbers {

    private static final int BLOCK = 1_000;

    private int last;
    private int writtenUpTo;
    private int lastPassing;

    /** Takes the stored counter back. */
    void recovered(int number) {
        last = Math.max(last, number);
        writtenUpTo = Math.max(writtenUpTo, number);
    }

    /** Takes notice of a number that is in use. */
    void used(int number) {
        recovered(number);
    }

    /**
     * The next number.
     *
     * @param stored whether the queue is in the store
     * @param records gets what must be durable before the number is used
     */
    int next(boolean stored, List<? super StoreRecord> records) {
        if (!stored) {
            return --lastPassing;
        }
        last++;
        StoreRecord ahead = ahead();
        if (ahead != null) {
            records.add(ahead);
        }
        return last;
    }

    private @Nullable StoreRecord ahead() {
        if (last <= writtenUpTo) {
            return null;
        }
        writtenUpTo = last + BLOCK - 1;
        return Definitions.numbersUsedUpTo(writtenUpTo);
    }
}
