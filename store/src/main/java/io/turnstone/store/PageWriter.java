package io.turnstone.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gathers messages into blocks and writes blocks, masks, definitions and the figures of the store as MapDB records.
 * Owned by the checkpointer.
 */
final class PageWriter {

    private static final int BLOCK_BYTES = 48 << 10;

    /** What waits to become blocks of one queue: as it was enqueued, and as it was moved there. */
    private static final class Waiting {
        final TreeMap<Long, BlockEntry> enqueued = new TreeMap<>();
        final TreeMap<Long, BlockEntry> moved = new TreeMap<>();
        int enqueuedBytes;
    }

    private record Written(Block block, long[] positions) {}

    private final Pages pages;
    private final Definitions definitions;
    private final StoreHealth health;
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private final List<Written> written = new ArrayList<>();
    private final Map<Integer, QueueEntries> writtenByQueue = new HashMap<>();
    private final IdentityHashMap<Block, Map<Long, byte[]>> amended = new IdentityHashMap<>();
    private final LiveIndex index;
    private int movedBytes;

    PageWriter(Pages pages, Definitions definitions, StoreHealth health, LiveIndex index) {
        this.pages = pages;
        this.definitions = definitions;
        this.health = health;
        this.index = index;
    }

    /** The messages of a block; none when it is damaged. */
    List<BlockEntry> read(Block block) {
        var page = pages.get(block.recid, health::damaged);
        return page == null ? List.of() : BlockEntry.decode(page.content(), page.count());
    }

    private Waiting waiting(int queue) {
        return waiting.computeIfAbsent(queue, q -> new Waiting());
    }

    void add(int queue, BlockEntry entry) {
        var waiting = waiting(queue);
        int size = entry.size();
        if (waiting.enqueued.size() == Block.MAX_ENTRIES || waiting.enqueuedBytes + size > BLOCK_BYTES) {
            flushEnqueued(queue, waiting);
        }
        waiting.enqueued.put(entry.position(), entry);
        waiting.enqueuedBytes += size;
    }

    void addMoved(int queue, BlockEntry entry) {
        waiting(queue).moved.put(entry.position(), entry);
        movedBytes += entry.size();
    }

    int movedBytes() {
        return movedBytes;
    }

    /** Gives a message that was absorbed, now or before, another overlay. */
    void amend(int queue, long position, ByteBuffer overlay) {
        var present = waiting.get(queue);
        if (present != null) {
            var in = present.enqueued.containsKey(position) ? present.enqueued : present.moved;
            if (in.computeIfPresent(position, (p, entry) -> entry.withOverlay(Pages.copy(overlay))) != null) {
                return;
            }
        }
        var block = block(writtenByQueue.get(queue), position);
        if (block == null) {
            block = block(index.known(queue), position);
        }
        if (block != null) {
            amended.computeIfAbsent(block, b -> new HashMap<>()).put(position, Pages.copy(overlay));
        }
    }

    private static @Nullable Block block(@Nullable QueueEntries entries, long position) {
        return entries == null ? null : entries.alive(position);
    }

    private void flushEnqueued(int queue, Waiting waiting) {
        write(queue, List.copyOf(waiting.enqueued.values()));
        waiting.enqueued.clear();
        waiting.enqueuedBytes = 0;
    }

    /** Writes moved messages, neighbours by position together. */
    void flushMoved() {
        waiting.forEach((queue, waits) -> {
            var block = new ArrayList<BlockEntry>(Block.MAX_ENTRIES);
            int bytes = 0;
            for (var entry : waits.moved.values()) {
                if (block.size() == Block.MAX_ENTRIES || bytes + entry.size() > BLOCK_BYTES) {
                    write(queue, block);
                    block.clear();
                    bytes = 0;
                }
                block.add(entry);
                bytes += entry.size();
            }
            write(queue, block);
            waits.moved.clear();
        });
        movedBytes = 0;
    }

    private void write(int queue, List<BlockEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        long recid = pages.add(Pages.BLOCK, queue, entries.size(), BlockEntry.encode(entries));
        var positions = entries.stream().mapToLong(BlockEntry::position).toArray();
        boolean external = entries.stream().anyMatch(BlockEntry::external);
        var block = new Block(queue, recid, positions, external);
        written.add(new Written(block, positions));
        writtenByQueue.computeIfAbsent(queue, q -> new QueueEntries()).add(block);
    }

    /** Writes everything that is known but not written, up to the commit itself. */
    void flush(long absorbedThrough, long position) {
        waiting.forEach(this::flushEnqueued);
        flushMoved();
        waiting.clear();
        amended.forEach(this::rewrite);
        amended.clear();
        index.changedBlocks().forEach(this::settle);
        definitions.write(index.changedDefinitions(), pages);
        pages.meta(new Pages.Meta(absorbedThrough, position, index.highestQueue()));
    }

    private void rewrite(Block block, Map<Long, byte[]> overlays) {
        var entries = new ArrayList<>(read(block));
        if (entries.isEmpty()) {
            return;
        }
        entries.replaceAll(entry -> {
            byte[] overlay = overlays.get(entry.position());
            return overlay == null ? entry : entry.withOverlay(overlay);
        });
        pages.update(block.recid, Pages.BLOCK, block.queue, entries.size(), BlockEntry.encode(entries));
    }

    /** Writes which messages of a block live, and forgets what nobody refers to. */
    private void settle(Block block) {
        long gone = block.stored & ~block.alive;
        if (gone == 0) {
            return;
        }
        if (block.external) {
            var entries = read(block);
            for (int i = 0; i < entries.size(); i++) {
                if ((gone & 1L << i) != 0 && entries.get(i).external()) {
                    pages.release(entries.get(i).bodyRecid());
                }
            }
        }
        block.stored = block.alive;
        if (block.alive == 0) {
            pages.delete(block.recid);
            if (block.maskRecid != 0) {
                pages.delete(block.maskRecid);
            }
        } else if (block.maskRecid == 0) {
            block.maskRecid = pages.add(Pages.MASK, 0, 1, Pages.mask(block.recid, block.alive));
        } else {
            pages.update(block.maskRecid, Pages.MASK, 0, 1, Pages.mask(block.recid, block.alive));
        }
    }

    /** Tells the index of the new blocks. */
    void publish() {
        for (var each : written) {
            index.absorbed(each.block, each.positions);
        }
        written.clear();
        writtenByQueue.clear();
    }
}
