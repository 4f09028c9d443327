package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.Moves.Moved;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.pages.Roots;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gathers messages into blocks and writes blocks, the directory, definitions and the figures of the store as MapDB records.
 * Owned by the checkpointer.
 */
final class PageWriter {

    /*
     * A block is in the index as soon as it is written, so the index may follow the journal between any two steps here:
     * what left its queue meanwhile is left out when the block is written, and counts as a change of the block
     * afterwards. A block is settled only after messages that moved out of it have a place of their own.
     */
    static final int BLOCK_BYTES = 48 << 10;
    private static final int MOVED_LIMIT = 8 << 20;

    /** So many blocks are brought up to date before the next pause. */
    private static final int STEP = 64;

    /** What waits to become blocks of one level of a queue: as it was enqueued, and as it was moved there. */
    private static final class Waiting {
        final int queue;
        final int level;
        final TreeMap<Long, BlockEntry> enqueued = new TreeMap<>();
        final TreeMap<Long, BlockEntry> moved = new TreeMap<>();
        int enqueuedBytes;

        Waiting(int queue, int level) {
            this.queue = queue;
            this.level = level;
        }
    }

    private record Place(int queue, int level) {}

    private final Pages pages;
    private final Directory directory;
    private final Definitions definitions;
    private final Roots roots;
    private final ThinBlocks thin;
    final SharedBodies bodies;
    private final StoreHealth health;
    private final Map<Place, Waiting> waiting = new HashMap<>();
    private final IdentityHashMap<Block, Map<Long, byte[]>> amended = new IdentityHashMap<>();
    private final LiveIndex index;
    private int movedBytes;

    PageWriter(Catalog catalog, StoreHealth health, LiveIndex index) {
        pages = catalog.pages();
        directory = catalog.directory();
        definitions = catalog.definitions();
        roots = catalog.roots();
        bodies = new SharedBodies(pages, health::damaged);
        this.health = health;
        this.index = index;
        thin = new ThinBlocks(pages, index, directory, health);
    }

    private Waiting waiting(int queue, int level) {
        return waiting.computeIfAbsent(new Place(queue, level), place -> new Waiting(queue, level));
    }

    void add(int queue, int level, BlockEntry entry) {
        var waits = waiting(queue, level);
        int size = entry.size();
        if (waits.enqueued.size() == Block.MAX_ENTRIES || waits.enqueuedBytes + size > BLOCK_BYTES) {
            flushEnqueued(waits);
        }
        waits.enqueued.put(entry.position(), entry);
        waits.enqueuedBytes += size;
    }

    void addMoved(int queue, int level, BlockEntry entry) {
        waiting(queue, level).moved.put(entry.position(), entry);
        movedBytes += entry.size();
        if (movedBytes > MOVED_LIMIT) {
            flushMoved();
        }
    }

    /** Gives a message that was absorbed, now or before, another overlay; false when it lives and was not. */
    boolean amend(int queue, long position, ByteBuffer overlay) {
        var entries = index.known(queue);
        if (entries == null) {
            return true;
        }
        var block = entries.block(position);
        if (block != null) {
            amended.computeIfAbsent(block, b -> new HashMap<>()).put(position, Pages.copy(overlay));
            return true;
        }
        var level = entries.fresh(position);
        var waits = level == null ? null : waiting.get(new Place(queue, level.level));
        if (waits == null) {
            return level == null;
        }
        var in = waits.enqueued.containsKey(position) ? waits.enqueued : waits.moved;
        return in.computeIfPresent(position, (p, entry) -> entry.withOverlay(Pages.copy(overlay))) != null;
    }

    private void flushEnqueued(Waiting waits) {
        write(waits, waits.enqueued.values());
        waits.enqueued.clear();
        waits.enqueuedBytes = 0;
    }

    /** Writes moved messages, neighbours by position together. */
    private void flushMoved() {
        for (var waits : waiting.values()) {
            var block = new ArrayList<BlockEntry>(Block.MAX_ENTRIES);
            int bytes = 0;
            for (var entry : waits.moved.values()) {
                if (block.size() == Block.MAX_ENTRIES || bytes + entry.size() > BLOCK_BYTES) {
                    write(waits, block);
                    block.clear();
                    bytes = 0;
                }
                block.add(entry);
                bytes += entry.size();
            }
            write(waits, block);
            waits.moved.clear();
        }
        movedBytes = 0;
    }

    private void write(Waiting waits, Collection<BlockEntry> entries) {
        var living = new ArrayList<BlockEntry>(entries.size());
        for (var entry : entries) {
            if (index.fresh(waits.queue, entry.position())) {
                living.add(entry);
            } else {
                release(entry);
            }
        }
        if (!living.isEmpty()) {
            long recid = pages.add(Pages.BLOCK, waits.queue, waits.level, living.size(), BlockEntry.encode(living));
            var block = new Block(waits.queue, waits.level, recid, BlockEntry.draft(living));
            index.absorbed(block, living);
            directory.add(block, index.entries(waits.queue).level(waits.level));
        }
    }

    private void release(BlockEntry entry) {
        var external = entry.external();
        if (external != null) {
            bodies.release(external);
        }
    }

    /** Writes all that waits to become blocks. */
    void flushWaiting() {
        waiting.values().forEach(this::flushEnqueued);
        flushMoved();
        waiting.clear();
    }

    /** Writes everything that is known but not written, up to the commit itself. */
    void flush(long absorbedThrough, Runnable pause) {
        flushWaiting();
        int done = 0;
        for (var each : amended.entrySet()) {
            rewrite(each.getKey(), each.getValue());
            if (++done % STEP == 0) {
                pause.run();
            }
        }
        amended.clear();
        settle(pause);
        thin.merge(pause);
        directory.write();
        definitions.write(index.takeDefinitions());
        pages.meta(new Pages.Meta(absorbedThrough, index.position(), index.highestQueue(), roots.write()));
    }

    private void rewrite(Block block, Map<Long, byte[]> overlays) {
        var entries = new ArrayList<>(BlockEntry.read(pages, block, health::damaged));
        if (entries.isEmpty()) {
            return;
        }
        entries.replaceAll(entry -> {
            byte[] overlay = overlays.get(entry.position());
            return overlay == null ? entry : entry.withOverlay(overlay);
        });
        pages.update(block.recid, Pages.BLOCK, block.queue, block.level, entries.size(), BlockEntry.encode(entries));
    }

    /**
     * Brings the blocks that have changed until now up to date. Messages that moved out of them get a place in blocks of
     * their new queues.
     */
    void settle(Runnable pause) {
        for (int left = index.changedBlocks(); left > 0; left -= STEP) {
            var blocks = index.takeChanged(Math.min(left, STEP));
            blocks.forEach(this::transfer);
            flushMoved();
            blocks.forEach(this::settle);
            pause.run();
        }
        index.flushed();
    }

    private void transfer(Block block) {
        var moves = List.copyOf(index.moves.ofBlock(block));
        var entries = moves.isEmpty() ? List.<BlockEntry>of() : BlockEntry.read(pages, block, health::damaged);
        var references = new int[Block.MAX_ENTRIES];
        for (var moved : moves) {
            references[block.indexOf(moved.source.position())] += moved.live();
        }
        var handedOn = new BlockEntry[Block.MAX_ENTRIES];
        for (var moved : moves) {
            int at = block.indexOf(moved.source.position());
            if (!entries.isEmpty() && handedOn[at] == null) {
                var external = entries.get(at).external();
                handedOn[at] = external == null
                        ? entries.get(at)
                        : entries.get(at).at(bodies.handOn(external, references[at]));
            }
            place(moved, handedOn[at]);
        }
    }

    private void place(Moved moved, @Nullable BlockEntry source) {
        var targets = moved.targets;
        for (int i = 0; i < targets.size(); i++) {
            if (index.fresh(targets.queue(i), moved.position)) {
                if (source == null) {
                    index.remove(targets.queue(i), moved.position); // its block is damaged, which was reported
                } else {
                    var entry = source.movedTo(moved.position, targets.expiresAtMs());
                    addMoved(targets.queue(i), targets.level(i), entry);
                }
            }
        }
    }

    /** Says in the directory which messages of a block live, and forgets what nobody refers to. */
    private void settle(Block block) {
        long gone = block.stored & ~block.alive;
        if (gone == 0) {
            return;
        }
        if (block.external) {
            var entries = BlockEntry.read(pages, block, health::damaged);
            for (int i = 0; i < entries.size(); i++) {
                if ((gone & 1L << i) != 0) {
                    release(entries.get(i));
                }
            }
        }
        block.stored = block.alive;
        directory.changed(block);
        if (block.alive == 0) {
            pages.delete(block.recid);
        }
        thin.settled(block);
        index.settled(block);
    }
}
