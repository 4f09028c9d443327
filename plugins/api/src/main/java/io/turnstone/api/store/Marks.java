package io.turnstone.api.store;

import io.turnstone.api.Message;
import java.util.List;

/**
 * What the store remembers of a message beside its bytes, so that a queue can plan without reading it.
 *
 * @param priority of the message, 0 to 255
 * @param expiresAtMs nothing happens to it by time alone, in any queue it enters, before this moment in milliseconds
 *     since the epoch: it does not expire, and one that is {@code delayed} is not delivered; {@link Message#NONE} when
 *     nothing ever does
 * @param delayed whether it waits for its time, and stands in {@link #DELAYED_LEVEL} for that
 * @param keys by which queues will know it when it is published again; kept for their time, however soon it leaves
 */
public record Marks(int priority, long expiresAtMs, boolean delayed, List<MessageKey> keys) {

    /** The level of messages that wait for their time, above all levels of priority. */
    public static final int DELAYED_LEVEL = 255;

    /** Of a message that waits for nothing and has no keys. */
    public Marks(int priority, long expiresAtMs) {
        this(priority, expiresAtMs, false, List.of());
    }

    /** Of a message that never expires. */
    public static Marks lasting(int priority) {
        return new Marks(priority, Message.NONE);
    }

    /** The same with keys. */
    public Marks with(List<MessageKey> someKeys) {
        return new Marks(priority, expiresAtMs, delayed, someKeys);
    }

    /** The level of such a message among so many: {@code min(priority, levels - 1)}, or that of delayed ones. */
    public int level(int levels) {
        return delayed ? DELAYED_LEVEL : Math.min(Math.max(0, priority), levels - 1);
    }
}
