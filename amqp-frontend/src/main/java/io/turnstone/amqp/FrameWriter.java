package io.turnstone.amqp;

import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.jspecify.annotations.Nullable;

/** Everything that one connection writes goes through here. Owned by the loop of its connection. */
final class FrameWriter implements Output {

    /** Larger frames would hold up other links and heartbeats, and cost a buffer of their size. */
    private static final int LARGEST_TRANSFER = 128 * 1024;

    /** Room for a performative, a condition of ours and frame headers, beside a description. */
    private static final int BESIDE_A_DESCRIPTION = 200;

    private static final int MOST_BYTES_PER_CHAR = 3;

    private final Protocol.Channel channel;
    private final PerformativeCodec codec;
    private final FlowFrame flow;
    private final DispositionFrame disposition;
    private int maxFrameSize = AmqpSettings.MIN_MAX_FRAME_SIZE;
    private boolean wrote;

    FrameWriter(Protocol.Channel channel, PerformativeCodec codec) {
        this.channel = channel;
        this.codec = codec;
        this.flow = new FlowFrame(codec);
        this.disposition = new DispositionFrame(codec);
    }

    @Override
    public ByteBuffer out(int atLeast) {
        wrote = true;
        return channel.out(atLeast);
    }

    /** How large a transfer may be, in bytes, whatever the peer takes. */
    int maxTransferSize() {
        return Math.min(maxFrameSize, LARGEST_TRANSFER);
    }

    /** The peer said in its open how large a frame may be. */
    void maxFrameSize(int bytes) {
        maxFrameSize = bytes;
        codec.peerMaxFrameSize(bytes);
    }

    /** Whether anything was written since the last call. */
    boolean wrote() {
        boolean was = wrote;
        wrote = false;
        return was;
    }

    /** Writes a protocol header. */
    void header(ProtocolHeader header) {
        header.write(out(ProtocolHeader.LENGTH));
    }

    /** Writes a SASL frame. */
    void sasl(SaslFrameBody body) {
        codec.encodeSasl(body, this);
    }

    /** Writes one of the seldom performatives. */
    void performative(int onChannel, FrameBody body) {
        codec.encode(onChannel, body, this);
    }

    /**
     * Writes a detach, end or close with an error; without its info and shortened if the peer takes only small frames.
     *
     * @param error the error that is set in the body
     */
    void ending(int onChannel, FrameBody body, ErrorCondition error) {
        try {
            performative(onChannel, body);
        } catch (ConnectionError tooLarge) {
            shorten(error);
            performative(onChannel, body);
        }
    }

    /** What is left fits into any frame the peer takes. */
    private void shorten(ErrorCondition error) {
        error.setInfo(null);
        String text = error.getDescription();
        int most = (Math.min(maxFrameSize, LARGEST_TRANSFER) - BESIDE_A_DESCRIPTION) / MOST_BYTES_PER_CHAR;
        if (text != null && text.length() > most) {
            int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
            error.setDescription(text.substring(0, end));
        }
    }

    /** Writes an empty frame. */
    void heartbeat() {
        PerformativeCodec.encodeHeartbeat(this);
    }

    /** A flow to be filled and sent with {@link #sendFlow}. */
    FlowFrame flow() {
        flow.clear();
        return flow;
    }

    /** Writes the flow that was filled, with the state of its session. */
    void sendFlow(int onChannel, SessionWindows windows) {
        windows.fill(flow);
        flow.encode(onChannel, this);
    }

    /** Writes a settled disposition; a state that is too large for the peer without its details. */
    void disposition(int onChannel, boolean receiver, int first, int last, @Nullable DeliveryState state) {
        try {
            disposition.encode(onChannel, receiver, first, last, true, state, this);
        } catch (ConnectionError tooLarge) {
            disposition.encode(onChannel, receiver, first, last, true, receiver ? brief(state) : null, this);
        }
    }

    /** Our own rejection shortened. What the peer itself told, as sender, needs no echo. */
    private @Nullable DeliveryState brief(@Nullable DeliveryState state) {
        if (state instanceof Rejected rejected && rejected.getError() != null) {
            shorten(rejected.getError());
        }
        return state;
    }
}
