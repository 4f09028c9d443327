package io.turnstone.router.queue;

import io.turnstone.api.Message;
import java.util.Arrays;

/** Messages that wait for their time in the store, and are read at once when it comes. Immutable but for its place. */
final class DueBatch implements RankHeap.Ranked {

    final int count;
    final long bytes;
    private final Page page;
    private final long dueAtMs;
    private final long order;
    private int place = OUTSIDE;

    private DueBatch(Page page, int count, long bytes, long dueAtMs, long order) {
        this.page = page;
        this.count = count;
        this.bytes = bytes;
        this.dueAtMs = dueAtMs;
        this.order = order;
    }

    /**
     * Of messages at these positions.
     *
     * @param positions in order of their time, as far as that is known
     * @param dueAtMs none of them is due before
     */
    static DueBatch of(long[] positions, long bytes, long dueAtMs) {
        long order = DelayedMessages.order(positions[0]);
        Arrays.sort(positions);
        return new DueBatch(
                new Page(positions, positions.length, 0, Message.NONE), positions.length, bytes, dueAtMs, order);
    }

    /** Both together, of which the other lies behind. */
    DueBatch with(long[] positions, long moreBytes, long otherDueAtMs) {
        long[] all = Arrays.copyOf(positions(), count + positions.length);
        System.arraycopy(positions, 0, all, count, positions.length);
        return of(all, bytes + moreBytes, Math.min(dueAtMs, otherDueAtMs));
    }

    /** Ascending. */
    long[] positions() {
        return page.positions(count);
    }

    @Override
    public long rank() {
        return dueAtMs;
    }

    @Override
    public long tie() {
        return order;
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public void place(int index) {
        place = index;
    }
}
