package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.BlockEntry.External;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.JournalFormat;
import io.turnstone.store.journal.JournalVisitor;
import io.turnstone.store.journal.Segment;
import io.turnstone.store.journal.SegmentReader;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.Targets;
import io.turnstone.store.pages.Pages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Takes what still lives in the oldest segments into MapDB. Owned by the checkpointer. */
final class Absorption implements JournalVisitor {

    /*
     * Afterwards MapDB knows: every entry that lives now and whose body lay in these segments; every change up to now
     * to what it had absorbed before. It runs ahead of the segments it takes: removals that stand in later segments are
     * already regarded. Replaying those later is harmless, because each record says what is to be, not what to change:
     * a removal of what is gone, an amendment or a move of what is not there does nothing, and what is in a block is
     * not entered again.
     *
     * Overlays come with the records of the segments, in log order; one that stands in a later segment is set when that
     * segment is absorbed or replayed.
     *
     * The index may follow the journal in every pause. A message that moves after its record was taken in, and before it
     * is in a block, leaves its body where it was: the segment still holds something then, and is read once more. If the
     * move itself stands in the segment that is still written, its overlay waits until that is absorbed again.
     */
    private static final int HELD_LIMIT = 16 << 20;

    private final LiveIndex index;
    private final PageWriter writer;
    private final Pages pages;
    private final Consumer<String> damage;
    private final long storeId;
    private final int heldLimit;
    private final Runnable pause;
    private long absorbedThrough;
    private boolean missed;

    /**
     * @param absorbedThrough the last segment that left the journal before
     * @param pause run between short steps
     */
    Absorption(
            Checkpointer.Start start, StoreHealth health, StoreOptions options, long absorbedThrough, Runnable pause) {
        index = start.index();
        writer = start.generations().writer();
        pages = start.generations().pages();
        storeId = start.storeId();
        damage = health::damaged;
        heldLimit = Math.min(HELD_LIMIT, options.segmentBytes() / 8);
        this.absorbedThrough = absorbedThrough;
        this.pause = pause;
        writer.settle(pause);
    }

    /** Makes durable what was taken in so far. */
    interface Commit {
        /** False when the store is closed before there was room for it. */
        boolean commit() throws IOException;
    }

    /** Takes in what lives in one segment, as far as it is written; as the commit answers. */
    boolean segment(Segment segment, Commit commit) throws IOException {
        boolean interesting = segment.live > 0 || segment.edits;
        long end = segment.end;
        segment.edits = false; // set again by what is committed from now on
        segment.dirty = false;
        missed = false;
        index.keys.begin();
        if (interesting) {
            var reader = new SegmentReader(storeId, segment, this, damage);
            long at = JournalFormat.SEGMENT_HEADER;
            while (at < end) {
                at = reader.readNext(at, end);
                if (heavy() && !commit.commit()) {
                    return false;
                }
                pause.run();
            }
        }
        index.keys.segment(segment.sequence);
        segment.edits |= missed;
        return true;
    }

    /** Takes in what moved since its record was passed; the segment holds nothing then but what cannot be read. */
    void again(Segment segment) throws IOException {
        writer.flushWaiting();
        if (segment.live > 0) {
            var bodies = new JournalVisitor() {
                @Override
                public void enqueue(long at, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {
                    Absorption.this.take(at, targets, format, overlay, body);
                }
            };
            new SegmentReader(storeId, segment, bodies, what -> {}).readUntil(segment.end);
            writer.flushWaiting();
        }
    }

    @Override
    public void enqueue(long position, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {
        index.keys.add(position, targets.keys());
        take(position, targets, format, overlay, body);
    }

    private void take(long position, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {
        var moves = index.moves.ofRecord(position);
        int references = alive(targets, position);
        for (var moved : moves) {
            references += alive(moved.targets, moved.position);
        }
        if (references == 0) {
            return;
        }
        byte[] bytes = Pages.copy(body);
        External external = null;
        if (bytes.length >= BlockEntry.EXTERNAL_FROM) {
            external = writer.bodies.add(bytes, references);
            bytes = new byte[0];
        }
        var entry = new BlockEntry(position, targets.expiresAtMs(), format, Pages.copy(overlay), bytes, external);
        for (int i = 0; i < targets.size(); i++) {
            if (index.fresh(targets.queue(i), position)) {
                writer.add(targets.queue(i), targets.level(i), entry);
            }
        }
        for (var moved : java.util.List.copyOf(moves)) { // which ends with its last place in a block
            var to = moved.targets;
            var there = entry.movedTo(moved.position, to.expiresAtMs());
            for (int i = 0; i < to.size(); i++) {
                if (index.fresh(to.queue(i), moved.position)) {
                    writer.addMoved(to.queue(i), to.level(i), there);
                }
            }
        }
    }

    @Override
    public void enter(long position, long pending, Targets targets) {
        index.keys.add(position, targets.keys());
    }

    private int alive(Targets targets, long position) {
        int count = 0;
        for (int i = 0; i < targets.size(); i++) {
            count += index.fresh(targets.queue(i), position) ? 1 : 0;
        }
        return count;
    }

    @Override
    public void amend(long position, int queue, long target, ByteBuffer overlay) {
        missed |= !writer.amend(queue, target, overlay);
    }

    @Override
    public void move(long position, int source, long at, Targets targets, ByteBuffer overlay) {
        for (int i = 0; i < targets.size(); i++) {
            missed |= !writer.amend(targets.queue(i), position, overlay);
        }
    }

    /** Whether so much waits in memory that it should be committed before more is read; less than a spare can hold. */
    private boolean heavy() {
        return pages.heldBytes() > heldLimit;
    }

    /** The segments up to this one are absorbed. */
    void through(long sequence) {
        absorbedThrough = sequence;
    }

    long absorbedThrough() {
        return absorbedThrough;
    }

    /*
     * The index follows at once, before the commit: what MapDB was told cannot be taken back. So records that are
     * committed while a full disk is waited out find blocks where there are blocks, and are told to MapDB in the same
     * commit. Only segments wait for the commit until they leave.
     */
    /** Tells MapDB what is left; the commit is the next step. */
    void flush() {
        index.keys.prune(System.currentTimeMillis());
        writer.flush(absorbedThrough, pause);
    }
}
