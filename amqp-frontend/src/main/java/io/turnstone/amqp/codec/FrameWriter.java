package io.turnstone.amqp.codec;

import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.jspecify.annotations.Nullable;

/** Everything that one connection writes goes through here. Owned by the loop of its connection. */
public final class FrameWriter implements Output {

    /** The smallest frame size a peer may ask for (part 2, section 2.8.19). */
    public static final int MIN_MAX_FRAME_SIZE = 512;

    /** Larger frames would hold up other links and heartbeats, and cost a buffer of their size. */
    private static final int LARGEST_TRANSFER = 128 * 1024;

    /** Room for a performative, a condition of ours and frame headers, beside a description. */
    private static final int BESIDE_A_DESCRIPTION = 200;

    private static final int MOST_BYTES_PER_CHAR = 3;

    private final Protocol.Channel channel;
    private final PerformativeCodec codec;
    private final FlowFrame flow;
    private final DispositionFrame disposition;
    private int maxFrameSize = MIN_MAX_FRAME_SIZE;
    private boolean wrote;

    public FrameWriter(Protocol.Channel channel, PerformativeCodec codec) {
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
    public int maxTransferSize() {
        return Math.min(maxFrameSize, LARGEST_TRANSFER);
    }

    /** The peer said in its open how large a frame may be. */
    public void maxFrameSize(int bytes) {
        maxFrameSize = bytes;
        codec.peerMaxFrameSize(bytes);
    }

    /** Whether anything was written since the last call. */
    public boolean wrote() {
        boolean was = wrote;
        wrote = false;
        return was;
    }

    /** Writes a protocol header. */
    public void header(ProtocolHeader header) {
        header.write(out(ProtocolHeader.LENGTH));
    }

    /** Writes a SASL frame. */
    public void sasl(SaslFrameBody body) {
        codec.encodeSasl(body, this);
    }

    /** Writes one of the seldom performatives. */
    public void performative(int onChannel, FrameBody body) {
        codec.encode(onChannel, body, this);
    }

    /**
     * Writes a detach, end or close with an error; without its info and shortened if the peer takes only small frames.
     *
     * @param error the error that is set in the body
     */
    public void ending(int onChannel, FrameBody body, ErrorCondition error) {
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
    public void heartbeat() {
        PerformativeCodec.encodeHeartbeat(this);
    }

    /** An empty flow to be filled and encoded before the next is asked for. */
    public FlowFrame flow() {
        flow.clear();
        return flow;
    }

    /** Writes a settled disposition; a state that is too large for the peer without its details. */
    public void disposition(int onChannel, boolean receiver, int first, int last, @Nullable DeliveryState state) {
        disposition(onChannel, receiver, first, last, true, state);
    }

    /** Writes a disposition by a receiver that settles when the sender has, in the same way. */
    public void provisional(int onChannel, int deliveryId, DeliveryState state) {
        disposition(onChannel, true, deliveryId, deliveryId, false, state);
    }

    /** Writes a disposition; a state that is too large for the peer without its details. */
    public void disposition(
            int onChannel, boolean receiver, int first, int last, boolean settled, @Nullable DeliveryState state) {
        try {
            disposition.encode(onChannel, receiver, first, last, settled, state, this);
        } catch (ConnectionError tooLarge) {
            disposition.encode(onChannel, receiver, first, last, settled, receiver ? brief(state) : null, this);
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
