package io.turnstone.api.store;

import io.turnstone.api.Body;

/**
 * A message as the store gives it back.
 *
 * @param position by which it is removed, amended or moved in its queue
 * @param format the id of the body's {@link io.turnstone.api.MessageFormat}
 * @param overlay the latest
 */
public record StoredMessage(long position, String format, Body body, byte[] overlay) {}
