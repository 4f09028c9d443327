package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Message;
import io.turnstone.api.Publisher.PublishListener;
import org.jspecify.annotations.Nullable;

/** A message that waits in its publisher, for room, for an interceptor, or behind another. Owned by the publisher. */
final class Held {

    final Address to;
    final @Nullable PublishListener listener;
    Message message;

    /** What it counts for among what closed publishers have left behind, in bytes. */
    long left;

    /** The first interceptor that has not decided. */
    int next;

    Held(Message message, Address to, @Nullable PublishListener listener) {
        this.message = message;
        this.to = to;
        this.listener = listener;
    }
}
