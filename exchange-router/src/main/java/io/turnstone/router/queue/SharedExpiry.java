package io.turnstone.router.queue;

import io.turnstone.api.Overlay;
import org.jspecify.annotations.Nullable;

/**
 * What is known of messages that came together, as a queue with a time to live has it: made for the first of them, and
 * shared by the others like what they came with. One for all queues of a loop, which take turns in batches. Owned by that
 * loop.
 */
public final class SharedExpiry {

    private @Nullable Overlay latest;
    private long latestTtlMs;
    private @Nullable Overlay expiring;

    /** As {@link OverlayCodec#expiring} says. */
    @SuppressWarnings("ReferenceEquality") // shared on the way in, or not: comparing would cost more than another one
    Overlay expiring(Overlay overlay, long ttlMs) {
        var made = expiring;
        if (made == null || overlay != latest || ttlMs != latestTtlMs) {
            latest = overlay;
            latestTtlMs = ttlMs;
            made = expiring = OverlayCodec.expiring(overlay, ttlMs);
        }
        return made;
    }
}
