package io.turnstone.store;

import io.turnstone.store.Moves.Moved;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes what still lives in the oldest segments into MapDB. Owned by the checkpointer, which lets the index stand still
 * meanwhile.
 */
final class Absorption implements JournalVisitor {

    /*
     * Afterwards MapDB knows: every entry that lives now and whose body lay in these segments; every change up to now
     * to what it had absorbed before. It runs ahead of the segments it takes: removals that stand in later segments are
     * already regarded. Replaying those later is harmless, because each record says what is to be, not what to change:
     * a removal of what is gone, an amendment or a move of what is not there does nothing, and what is in a block is
     * not entered again.
     *
     * A moved message whose body is in a block of its former queue is transferred before the block forgets it, in the
     * same commit. Overlays come with the records of the segments, in log order; one that stands in a later segment is
     * set when that segment is absorbed or replayed.
     */
    private static final int HELD_LIMIT = 16 << 20;
    private static final int MOVED_LIMIT = 8 << 20;

    private final LiveIndex index;
    private final PageWriter writer;
    private final Pages pages;
    private final StoreHealth health;
    private final long storeId;
    private final Map<Long, List<Long>> movesByBody = new HashMap<>();
    private final int heldLimit;
    private long absorbedThrough;

    /** @param absorbedThrough the last segment that left the journal before */
    Absorption(Checkpointer.Start start, StoreHealth health, StoreOptions options, long absorbedThrough) {
        index = start.index();
        writer = start.writer();
        pages = start.pages();
        storeId = start.storeId();
        this.health = health;
        heldLimit = Math.min(HELD_LIMIT, options.segmentBytes() / 8);
        this.absorbedThrough = absorbedThrough;
    }

    /** Gives moved messages whose bodies are in blocks a place in blocks of their new queues. */
    void transfer() {
        var byBlock = new IdentityHashMap<Block, List<Long>>();
        index.forEachMove((position, moved) -> {
            var block = moved.source.block();
            if (block == null) {
                movesByBody
                        .computeIfAbsent(moved.source.position(), p -> new ArrayList<>(1))
                        .add(position);
            } else {
                byBlock.computeIfAbsent(block, b -> new ArrayList<>()).add(position);
            }
        });
        byBlock.forEach(this::transfer);
        writer.flushMoved();
    }

    private void transfer(Block block, List<Long> positions) {
        var entries = writer.read(block);
        for (long position : positions) {
            var moved = index.moved(position);
            if (moved == null) {
                continue;
            }
            int at = block.indexOf(moved.source.position());
            for (int queue : moved.queues) {
                if (!lives(queue, position)) {
                    continue;
                }
                if (entries.isEmpty()) {
                    index.remove(queue, position); // its block is damaged, which was reported
                } else {
                    var entry = entries.get(at).movedTo(position);
                    if (entry.external()) {
                        pages.retain(entry.bodyRecid(), 1);
                    }
                    writer.addMoved(queue, entry);
                }
            }
        }
        if (writer.movedBytes() > MOVED_LIMIT) {
            writer.flushMoved();
        }
    }

    private boolean lives(int queue, long position) {
        var entries = index.known(queue);
        return entries != null && entries.fresh.contains(position);
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
        if (interesting) {
            var reader = new SegmentReader(storeId, segment, this, health::damaged);
            long at = JournalFormat.SEGMENT_HEADER;
            while (at < end) {
                at = reader.readNext(at, end);
                if (heavy() && !commit.commit()) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public void enqueue(long position, int[] queues, String format, ByteBuffer overlay, ByteBuffer body) {
        var direct = new ArrayList<Integer>(1);
        for (int queue : queues) {
            if (lives(queue, position)) {
                direct.add(queue);
            }
        }
        var moves = movesByBody.get(position);
        int references = direct.size() + (moves == null ? 0 : liveMoves(moves));
        if (references == 0) {
            return;
        }
        byte[] bytes = Pages.copy(body);
        long recid = 0;
        int sum = 0;
        if (bytes.length >= BlockEntry.EXTERNAL_FROM) {
            sum = BlockEntry.sum(bytes);
            recid = pages.add(Pages.BODY, 0, references, bytes);
            pages.retain(recid, references - 1);
            bytes = new byte[0];
        }
        var entry = new BlockEntry(position, format, Pages.copy(overlay), bytes, recid, sum);
        for (int queue : direct) {
            writer.add(queue, entry);
        }
        if (moves != null) {
            for (long move : moves) {
                for (int queue : queuesOf(move)) {
                    if (lives(queue, move)) {
                        writer.addMoved(queue, entry.movedTo(move));
                    }
                }
            }
            if (writer.movedBytes() > MOVED_LIMIT) {
                writer.flushMoved();
            }
        }
    }

    private int liveMoves(List<Long> moves) {
        int count = 0;
        for (long move : moves) {
            for (int queue : queuesOf(move)) {
                if (lives(queue, move)) {
                    count++;
                }
            }
        }
        return count;
    }

    private int[] queuesOf(long move) {
        Moved moved = index.moved(move);
        return moved == null ? new int[0] : moved.queues;
    }

    @Override
    public void amend(long position, int queue, long target, ByteBuffer overlay) {
        writer.amend(queue, target, overlay);
    }

    @Override
    public void move(long position, int source, long at, int[] targets, ByteBuffer overlay) {
        for (int target : targets) {
            writer.amend(target, position, overlay);
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
    /** Tells MapDB and the index what is left; the commit is the next step. */
    void flush(long position) {
        writer.flush(absorbedThrough, position);
        writer.publish();
        index.flushed();
    }

    /** Tells MapDB what was committed to the journal since {@link #flush}. */
    void flushAgain(long position) {
        movesByBody.clear();
        transfer();
        flush(position);
    }
}
