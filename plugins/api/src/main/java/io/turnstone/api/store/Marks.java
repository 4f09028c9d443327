package io.turnstone.api.store;

import io.turnstone.api.Message;

/**
 * What the store remembers of a message beside its bytes, so that a queue can plan without reading it.
 *
 * @param priority of the message, 0 to 255
 * @param expiresAtMs no queue it enters lets it expire before this moment, in milliseconds since the epoch;
 *     {@link Message#NONE} when none ever does
 */
public record Marks(int priority, long expiresAtMs) {

    /** Of a message that never expires. */
    public static Marks lasting(int priority) {
        return new Marks(priority, Message.NONE);
    }

    /** The level of such a message among so many: {@code min(priority, levels - 1)}. */
    public int level(int levels) {
        return Math.min(Math.max(0, priority), levels - 1);
    }
}
