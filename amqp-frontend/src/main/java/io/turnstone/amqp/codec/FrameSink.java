package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;

/** Takes the frames that a {@link FrameReader} finds. */
public interface FrameSink {

    /**
     * One frame that is not empty.
     *
     * @param type {@link FrameReader#AMQP} or {@link FrameReader#SASL}
     * @param channel 0 to 65535; 0 and without meaning for SASL
     * @param body what follows the frame header, from position to limit; valid during the call, and may be read
     *     without regard to where its position ends up
     */
    void frame(int type, int channel, ByteBuffer body);

    /** An empty AMQP frame: the peer is alive, whatever the channel (part 2, section 2.4.5). */
    void heartbeat();
}
