package io.turnstone.store.checkpoint;

import io.turnstone.store.spool.SpoolUse;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which living messages have their bodies in files, and in which. Owned by the checkpointer; while the store recovers, by
 * the thread that opens it.
 */
final class SpooledEntries {

    private final Map<Integer, Map<Long, SpoolUse>> queues = new HashMap<>();

    /** A message entered a queue; it may be told again. */
    void add(int queue, long position, SpoolUse use) {
        if (queues.computeIfAbsent(queue, q -> new HashMap<>()).putIfAbsent(position, use) == null) {
            use.named();
        }
    }

    /** A message left a queue. */
    void remove(int queue, long position) {
        var entries = queues.get(queue);
        if (entries == null) {
            return;
        }
        var use = entries.remove(position);
        if (use != null) {
            use.unnamed();
        }
        if (entries.isEmpty()) {
            queues.remove(queue);
        }
    }

    /** All messages left a queue. */
    void drop(int queue) {
        var entries = queues.remove(queue);
        if (entries != null) {
            entries.values().forEach(SpoolUse::unnamed);
        }
    }

    /** The file of a message, or null when its body is not in one. */
    @Nullable
    SpoolUse get(int queue, long position) {
        var entries = queues.get(queue);
        return entries == null ? null : entries.get(position);
    }
}
