package io.turnstone.router.queue;

/** The alarm of one entry that waits for its time. Owned by the queue's home loop. */
final class Delay implements RankHeap.Ranked {

    final Entry entry;

    /** Whether the entry may not even expire before. */
    final boolean resting;

    private final long untilMs;
    private final long order;
    private int place = OUTSIDE;

    Delay(Entry entry, long untilMs, long order, boolean resting) {
        this.entry = entry;
        this.untilMs = untilMs;
        this.order = order;
        this.resting = resting;
    }

    @Override
    public long rank() {
        return untilMs;
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
