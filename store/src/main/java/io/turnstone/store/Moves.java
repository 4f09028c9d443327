package io.turnstone.store;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
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
        final Source source;
        final int[] queues;
        int live;

        Moved(Source source, int[] queues) {
            this.source = source;
            this.queues = queues;
        }
    }

    private final Map<Long, Moved> byPosition = new HashMap<>();

    @Nullable
    Moved get(long position) {
        return byPosition.isEmpty() ? null : byPosition.get(position);
    }

    /** One entry of a move lives. */
    void add(long position, Source source, int[] queues) {
        byPosition.computeIfAbsent(position, p -> new Moved(source, queues)).live++;
    }

    /** One entry of a move is gone or has a body of its own. */
    void release(long position, Moved moved) {
        if (--moved.live == 0) {
            byPosition.remove(position);
        }
    }

    void forEach(BiConsumer<Long, Moved> visitor) {
        byPosition.forEach(visitor);
    }

    boolean isEmpty() {
        return byPosition.isEmpty();
    }
}
