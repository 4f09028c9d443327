package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;

/** Where frames are written; {@code channel::out} of a {@link io.turnstone.api.plugin.Protocol.Channel}. */
@FunctionalInterface
public interface Output {

    /** Room for at least that many bytes at the buffer's position, valid until the next call. Big-endian. */
    ByteBuffer out(int atLeast);
}
