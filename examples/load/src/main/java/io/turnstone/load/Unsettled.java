package io.turnstone.load;

import org.jspecify.annotations.Nullable;

/** The deliveries of one session that the broker has yet to settle, by delivery id. Owned by one connection. */
final class Unsettled {

    private final @Nullable Producer[] owners;
    private final long[] sinceNanos;
    private final int mask;

    /** @param deliveries how many may be unsettled at a time; ids may spread over four times as many */
    Unsettled(int deliveries) {
        int capacity = Integer.highestOneBit(Math.max(1, deliveries)) * 8;
        owners = new Producer[capacity];
        sinceNanos = new long[capacity];
        mask = capacity - 1;
    }

    /** False while an old delivery with the same place is unsettled: the sender must wait. */
    boolean hasRoom(int deliveryId) {
        return owners[deliveryId & mask] == null;
    }

    void add(int deliveryId, Producer owner, long nowNanos) {
        owners[deliveryId & mask] = owner;
        sinceNanos[deliveryId & mask] = nowNanos;
    }

    /** Forgets a delivery and returns its owner; null if it was settled before or never sent. */
    @Nullable
    Producer remove(int deliveryId) {
        Producer owner = owners[deliveryId & mask];
        owners[deliveryId & mask] = null;
        return owner;
    }

    /** When the delivery was sent; valid until its place is used again. */
    long sinceNanos(int deliveryId) {
        return sinceNanos[deliveryId & mask];
    }

    int capacity() {
        return mask + 1;
    }
}
