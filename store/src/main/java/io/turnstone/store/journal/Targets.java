package io.turnstone.store.journal;

import io.turnstone.api.Message;
import io.turnstone.api.store.MessageKey;
import java.util.List;

/**
 * The queues that a message enters, its level in each, and when it expires at the earliest. Arrays are not written to
 * after construction.
 *
 * @param expiresAtMs in milliseconds since the epoch, or {@link Message#NONE}
 * @param keys by which queues will know it when it is published again
 */
public record Targets(int[] queues, int[] levels, long expiresAtMs, List<MessageKey> keys) {

    /** How many queues. */
    public int size() {
        return queues.length;
    }

    /** The number of a queue. */
    public int queue(int index) {
        return queues[index];
    }

    /** The level in that queue. */
    public int level(int index) {
        return levels[index];
    }

    /** The same without some queues. */
    public Targets without(LiveSet gone) {
        if (gone.size() == 0) {
            return this;
        }
        int left = 0;
        var newQueues = new int[queues.length];
        var newLevels = new int[queues.length];
        for (int i = 0; i < queues.length; i++) {
            if (!gone.contains(queues[i])) {
                newQueues[left] = queues[i];
                newLevels[left++] = levels[i];
            }
        }
        return new Targets(
                java.util.Arrays.copyOf(newQueues, left), java.util.Arrays.copyOf(newLevels, left), expiresAtMs, keys);
    }

    /** The earlier of two moments, of which either may be {@link Message#NONE}: without a sign that is the latest. */
    public static long earlier(long one, long other) {
        return Long.compareUnsigned(one, other) <= 0 ? one : other;
    }
}
