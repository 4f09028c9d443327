package io.turnstone.store;

import io.turnstone.store.Moves.Moved;
import io.turnstone.store.Moves.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which messages live, where their bodies are, and what MapDB has not heard of yet. Follows the journal group by group.
 * Owned by the checkpointer; while the store recovers, by the thread that opens it.
 */
final class LiveIndex {

    /** A definition's kind and name. */
    record DefinitionKey(String kind, String name) {}

    private final Map<Integer, QueueEntries> queues = new HashMap<>();
    private final Moves moves = new Moves();
    private final List<Segment> segments = new ArrayList<>();
    private final List<Block> changedBlocks = new ArrayList<>();
    private final Map<DefinitionKey, byte @Nullable []> changedDefinitions = new LinkedHashMap<>();
    private boolean replaying;
    private @Nullable Segment current;
    private long highestQueue;

    /** While replaying, what MapDB absorbed from the journal already is met a second time. */
    void replaying(boolean value) {
        replaying = value;
    }

    /** The records that follow lie in this segment, which is durable up to {@code end}. */
    void at(Segment segment, long end) {
        if (segment != current) {
            segments.add(segment);
            current = segment;
        }
        segment.end = end;
    }

    private Segment current() {
        if (current == null) {
            throw new IllegalStateException("no segment");
        }
        return current;
    }

    QueueEntries entries(int queue) {
        var entries = queues.get(queue);
        if (entries == null) {
            entries = new QueueEntries();
            queues.put(queue, entries);
            highestQueue = Math.max(highestQueue, queue);
        }
        return entries;
    }

    @Nullable
    QueueEntries known(int queue) {
        return queues.get(queue);
    }

    void enqueue(int queue, long position) {
        var entries = entries(queue);
        if (replaying && entries.alive(position) != null) {
            return;
        }
        entries.fresh.add(position);
        current().live++;
    }

    void remove(int queue, long position) {
        var entries = queues.get(queue);
        if (entries == null) {
            return;
        }
        if (entries.fresh.remove(position)) {
            releaseBody(position);
        } else {
            var block = entries.alive(position);
            if (block != null) {
                clear(block, block.indexOf(position));
            }
        }
    }

    /** An entry whose body is not in a block of its own queue is gone, or has just got one. */
    private void releaseBody(long position) {
        var moved = moves.get(position);
        if (moved == null) {
            holder(position).live--;
        } else {
            if (moved.source.block() == null) {
                holder(moved.source.position()).live--;
            }
            moves.release(position, moved);
        }
    }

    private void clear(Block block, int index) {
        block.alive &= ~(1L << index);
        changed(block);
        current().dirty = true;
    }

    private void changed(Block block) {
        if (!block.changed) {
            block.changed = true;
            changedBlocks.add(block);
        }
    }

    void amend() {
        current().edits = true;
    }

    void move(long position, int source, long at, int[] targets) {
        current().edits = true;
        var body = take(source, at);
        if (body == null) {
            return; // absorbed together with its move, which is being replayed
        }
        for (int target : targets) {
            var entries = entries(target);
            if (replaying && entries.alive(position) != null) {
                continue;
            }
            entries.fresh.add(position);
            moves.add(position, body, targets);
            if (body.block() == null) {
                holder(body.position()).live++;
            }
        }
    }

    /** Takes a message out of its queue; where its body is, or null when the queue has no such message. */
    private @Nullable Source take(int queue, long position) {
        var entries = queues.get(queue);
        if (entries == null) {
            return null;
        }
        if (entries.fresh.remove(position)) {
            var moved = moves.get(position);
            releaseBody(position);
            return moved == null ? new Source(null, position) : moved.source;
        }
        var block = entries.alive(position);
        if (block == null) {
            return null;
        }
        clear(block, block.indexOf(position));
        return new Source(block, position);
    }

    void define(String kind, String name, byte @Nullable [] value) {
        current().dirty = true;
        changedDefinitions.put(new DefinitionKey(kind, name), value);
    }

    void drop(int queue) {
        var entries = queues.remove(queue);
        if (entries == null) {
            return;
        }
        entries.fresh.forEach(this::releaseBody);
        entries.forEachBlock(block -> {
            block.alive = 0;
            changed(block);
            current().dirty = true;
        });
    }

    /** The segment in which a record lies. */
    private Segment holder(long position) {
        int low = 0;
        int high = segments.size() - 1;
        if (high >= 0 && segments.get(high).firstPosition <= position) {
            return segments.get(high);
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).firstPosition <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return segments.get(low);
    }

    /** The messages that entered a queue directly or by a move, and whose body now is in a block there. */
    void absorbed(Block block, long[] positions) {
        var entries = entries(block.queue);
        for (long position : positions) {
            if (entries.fresh.remove(position)) {
                releaseBody(position);
            }
        }
        entries.add(block);
    }

    /** MapDB was told of everything until now, and keeps it with its next commit. */
    void flushed() {
        for (var block : changedBlocks) {
            block.changed = false;
            var entries = queues.get(block.queue);
            if (block.alive == 0 && entries != null) {
                entries.remove(block);
            }
        }
        changedBlocks.clear();
        changedDefinitions.clear();
        queues.values().removeIf(QueueEntries::empty);
    }

    /**
     * Forgets what a segment was to hold and could not be read from it, before it leaves.
     *
     * @return how many entries are lost
     */
    int forgetUnread(Segment segment) {
        if (segment.live == 0) {
            return 0;
        }
        int lost = 0;
        for (var entries : queues.values()) {
            var unread = new ArrayList<Long>();
            entries.fresh.forEach(position -> {
                var moved = moves.get(position);
                boolean elsewhere = moved != null && moved.source.block() != null;
                if (!elsewhere && holder(moved == null ? position : moved.source.position()) == segment) {
                    unread.add(position);
                }
            });
            for (long position : unread) {
                entries.fresh.remove(position);
                releaseBody(position);
            }
            lost += unread.size();
        }
        return lost;
    }

    /** A segment from which everything was absorbed, or in which nothing is of interest any more. */
    void left(Segment segment) {
        segments.remove(segment);
    }

    boolean hasChanges() {
        return !changedBlocks.isEmpty() || !changedDefinitions.isEmpty();
    }

    /** The segments of the journal, oldest first; the last may still be written. */
    List<Segment> segments() {
        return segments;
    }

    List<Block> changedBlocks() {
        return changedBlocks;
    }

    Map<DefinitionKey, byte @Nullable []> changedDefinitions() {
        return changedDefinitions;
    }

    void forEachMove(BiConsumer<Long, Moved> visitor) {
        moves.forEach(visitor);
    }

    @Nullable
    Moved moved(long position) {
        return moves.get(position);
    }

    void forEachQueue(BiConsumer<Integer, QueueEntries> visitor) {
        queues.forEach(visitor);
    }

    long highestQueue() {
        return highestQueue;
    }
}
