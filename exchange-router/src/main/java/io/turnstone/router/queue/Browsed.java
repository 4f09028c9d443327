package io.turnstone.router.queue;

import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;

/** A copy shown to a browser: what the entry was at that moment. Immutable, so its reader does not bind the queue. */
record Browsed(Message message, Overlay overlay, boolean firstAcquirer) implements Delivery {}
