package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.Moves.Moved;
import io.turnstone.store.checkpoint.Moves.Source;
import io.turnstone.store.journal.JournalFollower;
import io.turnstone.store.journal.PendingQueue;
import io.turnstone.store.journal.Segment;
import io.turnstone.store.journal.Targets;
import io.turnstone.store.spool.SpoolUse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which messages live, where their bodies are, and what MapDB has not heard of yet. Follows the journal group by group.
 * Owned by the checkpointer; while the store recovers, by the thread that opens it.
 */
public final class LiveIndex implements JournalFollower {

    /** A definition's kind and name. */
    public record DefinitionKey(String kind, String name) {

        public DefinitionKey {
            kind = kind.intern(); // there are few, and many definitions of each
        }
    }

    private final Map<Integer, QueueEntries> queues = new HashMap<>();
    private final List<Segment> segments = new ArrayList<>();
    private final Deque<Block> changedBlocks = new ArrayDeque<>();
    private final Map<DefinitionKey, byte @Nullable []> changedDefinitions = new LinkedHashMap<>();
    final KeyChunks keys = new KeyChunks(changedDefinitions::put);
    final Moves moves = new Moves();
    final SpooledEntries spooled = new SpooledEntries();
    private boolean replaying;
    private @Nullable Segment current;
    private long position;
    private long highestQueue;

    /** While replaying, what MapDB absorbed from the journal already is met a second time. */
    void replaying(boolean value) {
        replaying = value;
    }

    /** The records that follow lie in this segment, which is durable up to {@code end}. */
    @Override
    public void at(Segment segment, long end) {
        if (segment != current) {
            segments.add(segment);
            current = segment;
        }
        segment.end = end;
    }

    /** All records up to this position were followed. */
    @Override
    public void through(long last) {
        position = Math.max(position, last);
    }

    long position() {
        return position;
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
            entries = new QueueEntries(queue);
            queues.put(queue, entries);
            highestQueue = Math.max(highestQueue, queue);
        }
        return entries;
    }

    @Nullable
    QueueEntries known(int queue) {
        return queues.get(queue);
    }

    /** Whether a message lives in a queue and is not in a block there. */
    public boolean fresh(int queue, long at) {
        var entries = queues.get(queue);
        return entries != null && entries.fresh(at) != null;
    }

    @Override
    public void enqueue(int queue, int level, long at) {
        var entries = entries(queue);
        if (replaying && entries.block(at) != null) {
            return;
        }
        entries.level(level).fresh.add(at);
        current().live++;
    }

    @Override
    public void enqueueSpooled(int queue, int level, long at, SpoolUse body) {
        enqueue(queue, level, at);
        spooled.add(queue, at, body);
    }

    @Override
    public void keyed() {
        current().edits = true; // it must be read before it leaves
    }

    @Override
    public void remove(int queue, long at) {
        take(queue, at);
    }

    /** An entry whose body is not in a block of its own queue is gone, or has just got one. */
    private void releaseBody(long at) {
        var moved = moves.get(at);
        if (moved == null) {
            holder(at).live--;
        } else {
            if (moved.source.block() == null) {
                holder(moved.source.position()).live--;
            }
            moves.release(moved);
        }
    }

    private void clear(Block block, int entry) {
        block.alive &= ~(1L << entry);
        changed(block);
    }

    private void changed(Block block) {
        if (current != null) { // else nothing is in the journal that could leave before MapDB hears of this
            current.dirty = true;
        }
        if (!block.changed) {
            block.changed = true;
            changedBlocks.add(block);
        }
    }

    @Override
    public void amend(long at, int queue, long target) {
        current().edits = true;
        var entries = queues.get(queue);
        if (entries != null && (entries.fresh(target) != null || entries.block(target) != null)) {
            entries.overlays.put(target, at);
        }
    }

    @Override
    public void moved(long at, int source, long from, Targets targets) {
        move(at, source, from, targets);
    }

    /** Where the body of the moved message is; null when there was none to move. */
    @Nullable
    Source move(long at, int source, long from, Targets targets) {
        current().edits = true;
        var file = spooled.get(source, from);
        for (int i = 0; file != null && i < targets.size(); i++) {
            spooled.add(targets.queue(i), at, file);
        }
        var body = take(source, from);
        for (int i = 0; i < targets.size(); i++) {
            var entries = entries(targets.queue(i));
            boolean absorbed = body == null ? replaying && entries.block(at) != null : put(at, body, targets, i);
            if (body != null || absorbed) {
                entries.overlays.put(at, at);
            }
        }
        return body;
    }

    @Override
    public void entered(long at, long pending, Targets targets) {
        enter(at, pending, targets);
    }

    /** A message of a transaction is committed; where its body is, with its overlay; null when there is none. */
    @Nullable
    Source enter(long at, long pending, Targets targets) {
        var file = spooled.get(PendingQueue.ID, pending);
        for (int i = 0; file != null && i < targets.size(); i++) {
            spooled.add(targets.queue(i), at, file);
        }
        var body = take(PendingQueue.ID, pending);
        for (int i = 0; body != null && i < targets.size(); i++) {
            put(at, body, targets, i);
        }
        return body;
    }

    /** A message has come to one of its new queues, if that is not absorbed already; whether it is. */
    private boolean put(long at, Source body, Targets targets, int index) {
        var entries = entries(targets.queue(index));
        if (replaying && entries.block(at) != null) {
            return true;
        }
        entries.level(targets.level(index)).fresh.add(at);
        moves.add(at, body, targets);
        if (body.block() == null) {
            holder(body.position()).live++;
        }
        return false;
    }

    /** Takes a message out of its queue; where its body is, or null when the queue has no such message. */
    private @Nullable Source take(int queue, long at) {
        var entries = queues.get(queue);
        if (entries == null) {
            return null;
        }
        entries.overlays.remove(at);
        spooled.remove(queue, at);
        var level = entries.fresh(at);
        if (level != null) {
            level.fresh.remove(at);
            var moved = moves.get(at);
            releaseBody(at);
            return moved == null ? new Source(null, at) : moved.source;
        }
        var block = entries.block(at);
        if (block == null) {
            return null;
        }
        clear(block, block.indexOf(at));
        return new Source(block, at);
    }

    @Override
    public void define(String kind, String name, byte @Nullable [] value) {
        current().dirty = true;
        changedDefinitions.put(new DefinitionKey(kind, name), value);
    }

    @Override
    public void drop(int queue) {
        keys.drop(queue);
        var entries = queues.remove(queue);
        if (entries == null) {
            return;
        }
        spooled.drop(queue);
        entries.forEachLevel(level -> {
            level.fresh.forEach(this::releaseBody);
            level.forEachBlock(block -> {
                if (block.alive != 0) {
                    block.alive = 0;
                    changed(block);
                }
            });
        });
    }

    /** The segment in which a record lies. */
    Segment holder(long at) {
        int low = 0;
        int high = segments.size() - 1;
        if (high >= 0 && segments.get(high).firstPosition <= at) {
            return segments.get(high);
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).firstPosition <= at) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return segments.get(low);
    }

    /** The messages that entered a queue directly or by a move, all alive, and whose body now is in a block there. */
    void absorbed(Block block, List<BlockEntry> messages) {
        var level = entries(block.queue).level(block.level);
        for (var message : messages) {
            if (level.fresh.remove(message.position())) {
                releaseBody(message.position());
            }
        }
        level.add(block);
    }

    /** A block of which MapDB was told what lives. */
    void settled(Block block) {
        var entries = queues.get(block.queue);
        if (block.stored == 0 && entries != null) {
            entries.level(block.level).forget(block);
        }
    }

    /** MapDB was told of everything. */
    void flushed() {
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
        var lost = new int[1];
        for (var entries : queues.values()) {
            entries.forEachLevel(level -> {
                var unread = new ArrayList<Long>();
                level.fresh.forEach(at -> {
                    var moved = moves.get(at);
                    boolean elsewhere = moved != null && moved.source.block() != null;
                    if (!elsewhere && holder(moved == null ? at : moved.source.position()) == segment) {
                        unread.add(at);
                    }
                });
                unread.forEach(at -> take(entries.queue, at));
                lost[0] += unread.size();
            });
        }
        return lost[0];
    }

    /** A segment from which everything was absorbed, or in which nothing is of interest any more. */
    void left(Segment segment) {
        segments.remove(segment);
        long first = segments.isEmpty() ? Long.MAX_VALUE : segments.get(0).firstPosition;
        queues.values().forEach(entries -> entries.overlays.removeBelow(first));
    }

    /** Whether no message lives. */
    boolean empty() {
        return queues.values().stream().allMatch(QueueEntries::empty);
    }

    boolean hasChanges() {
        return !changedBlocks.isEmpty() || !changedDefinitions.isEmpty();
    }

    /** The segments of the journal, oldest first; the last may still be written. */
    public List<Segment> segments() {
        return segments;
    }

    int changedBlocks() {
        return changedBlocks.size();
    }

    /** Up to so many blocks that MapDB has not heard of since they changed; they count as told. */
    List<Block> takeChanged(int count) {
        var taken = new ArrayList<Block>(count);
        while (taken.size() < count && !changedBlocks.isEmpty()) {
            var block = changedBlocks.remove();
            block.changed = false;
            taken.add(block);
        }
        return taken;
    }

    /** The definitions that MapDB has not heard of; they count as told. */
    Map<DefinitionKey, byte @Nullable []> takeDefinitions() {
        var taken = new LinkedHashMap<>(changedDefinitions);
        changedDefinitions.clear();
        return taken;
    }

    /** What holds a moved message's body until it has a place of its own. */
    @Nullable
    Moved moved(long at) {
        return moves.get(at);
    }

    /** Every queue of which something is known. */
    public void forEachQueue(Consumer<QueueEntries> visitor) {
        queues.values().forEach(visitor);
    }

    long highestQueue() {
        return highestQueue;
    }
}
