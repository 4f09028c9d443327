package io.turnstone.router.queue;

import io.turnstone.api.Message;
import io.turnstone.api.Overlay;

/**
 * One published message on its way to any number of queues: the payload of an
 * {@link io.turnstone.api.store.StoreRecord.Enqueue}. Immutable; the same for all queues of a fan-out.
 *
 * @param overlay as the publisher's loop made it: its {@code expiresAtMs} is the smaller of the message's own ttl and
 *     absolute expiry; each queue adds its own ttl when the message enters
 * @param reserved whether room was reserved for it in each of its queues; a dead message ignores the limit
 */
public record Publication(Message message, Overlay overlay, boolean reserved) {}
