package io.turnstone.store.checkpoint;

import io.turnstone.store.journal.Targets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the bodies of moved messages are, for those that are not yet in a block of their own queue. Owned by the
 * checkpointer.
 */
final class Moves {

    /**
     * The place of a body.
     *
     * @param block the block it lies in, or null when the journal record at {@code position} holds it
     * @param position the position under which it lies there
     */
    record Source(@Nullable Block block, long position) {}

    /** One move: the body and the queues that the message went to, some of which may have settled it since. */
    static final class Moved {
        final long position;
        final Source source;
        final Targets targets;
        private int live;

        Moved(long position, Source source, Targets targets) {
            this.position = position;
            this.source = source;
            this.targets = targets;
        }

        /** How many entries it still has. */
        int live() {
            return live;
        }
    }

    private final Map<Long, Moved> byPosition = new HashMap<>();
    private final Map<Long, List<Moved>> byRecord = new HashMap<>();
    private final IdentityHashMap<Block, List<Moved>> byBlock = new IdentityHashMap<>();

    @Nullable
    Moved get(long position) {
        return byPosition.isEmpty() ? null : byPosition.get(position);
    }

    /** The moves of a body that the journal record at this position holds. */
    List<Moved> ofRecord(long position) {
        return byRecord.isEmpty() ? List.of() : byRecord.getOrDefault(position, List.of());
    }

    /** The moves of bodies that lie in a block. */
    List<Moved> ofBlock(Block block) {
        return byBlock.isEmpty() ? List.of() : byBlock.getOrDefault(block, List.of());
    }

    /** One entry of a move lives. */
    void add(long position, Source source, Targets targets) {
        var moved = byPosition.get(position);
        if (moved == null) {
            moved = new Moved(position, source, targets);
            byPosition.put(position, moved);
            if (source.block == null) {
                byRecord.computeIfAbsent(source.position, p -> new ArrayList<>(1))
                        .add(moved);
            } else {
                byBlock.computeIfAbsent(source.block, b -> new ArrayList<>(1)).add(moved);
            }
        }
        moved.live++;
    }

    /** One entry of a move is gone or has a body of its own. */
    void release(Moved moved) {
        if (--moved.live > 0) {
            return;
        }
        byPosition.remove(moved.position);
        var block = moved.source.block;
        var siblings = block == null ? byRecord.get(moved.source.position) : byBlock.get(block);
        if (siblings != null && siblings.remove(moved) && siblings.isEmpty()) {
            if (block == null) {
                byRecord.remove(moved.source.position);
            } else {
                byBlock.remove(block);
            }
        }
    }
}
