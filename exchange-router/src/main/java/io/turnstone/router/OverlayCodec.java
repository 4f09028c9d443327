package io.turnstone.router;

import io.turnstone.api.Overlay;
import java.util.List;

/** Overlays as bytes in the store. Pure; any thread. */
@SuppressWarnings("DoNotCallSuggester") // until the methods are filled in
final class OverlayCodec {

    private OverlayCodec() {}

    /** The overlay of a message that enters these queues; for those with a ttl, that ttl is in it. */
    static byte[] encode(Overlay overlay, List<MessageQueue> entering) {
        throw new UnsupportedOperationException();
    }

    /** The overlay of a message that is in its queue; its expiry is final. */
    static byte[] encode(Overlay overlay) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads an overlay back as it was in one queue.
     *
     * @throws IllegalArgumentException when the bytes are not an overlay; says where
     */
    static Overlay decode(byte[] bytes, int queueId) {
        throw new UnsupportedOperationException();
    }
}
