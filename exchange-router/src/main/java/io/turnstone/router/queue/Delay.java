package io.turnstone.router.queue;

/** The alarm of one entry that waits for its next attempt. Owned by the queue's home loop. */
final class Delay implements RankHeap.Ranked {

    final Entry entry;

    /** Whether the entry may not even expire before. */
    final boolean resting;

    private final long untilMs;
    private int place = OUTSIDE;

    Delay(Entry entry, long untilMs, boolean resting) {
        this.entry = entry;
        this.untilMs = untilMs;
        this.resting = resting;
    }

    @Override
    public long rank() {
        return untilMs;
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
