package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameReader;
import io.turnstone.amqp.codec.FrameSink;
import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.PerformativeCodec;
import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What comes before AMQP frames: protocol headers and the security layer (part 2, section 2.2; part 5, section 5.3).
 * AMQP without a security layer is accepted where one may be anonymous. Owned by the loop of its connection.
 */
final class Handshake {

    /** Told how it goes on. */
    interface Ended {
        /** AMQP frames follow. */
        void established(Identity identity);

        /** The connection ends here; what there is to say was said. */
        void failed(String reason);

        /** Reading goes on, first with these bytes. */
        void resumed(ByteBuffer ahead);
    }

    private enum State {
        /** The peer's first protocol header is awaited. */
        HEADER,
        /** The security layer speaks. */
        SASL,
        /** It has spoken; the AMQP header is awaited. */
        SECURED,
        DONE
    }

    /** Bytes that a peer may send ahead while its credentials are checked. */
    private static final int READ_AHEAD = 1024 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Protocol.Channel channel;
    private final Protocol.Host host;
    private final FrameReader reader;
    private final FrameWriter out;
    private final SaslExchange sasl;
    private final Ended ended;
    private State state = State.HEADER;
    private Identity identity = Identity.ANONYMOUS;
    /** Bytes that came while credentials were being checked; from 0 to its position. */
    private ByteBuffer held = NOTHING;

    Handshake(Protocol.Channel channel, Protocol.Host host, FrameReader reader, FrameWriter out, Ended ended) {
        this.channel = channel;
        this.host = host;
        this.reader = reader;
        this.out = out;
        this.ended = ended;
        this.sasl = new SaslExchange(host, channel, out, this::authenticated);
    }

    /** Whether AMQP frames are spoken. */
    boolean done() {
        return state == State.DONE;
    }

    /** Whether SASL frames are spoken. */
    boolean secures() {
        return state == State.SASL;
    }

    /** Takes all the bytes for later if they must wait for the answer to the peer's credentials. */
    void hold(ByteBuffer bytes) {
        if (!sasl.checking()) {
            return;
        }
        if (bytes.remaining() > READ_AHEAD - held.position()) {
            throw ConnectionError.framing("more than " + READ_AHEAD + " bytes were sent ahead of the SASL outcome");
        }
        if (bytes.remaining() > held.remaining()) {
            held = ByteBuffer.allocate(held.position() + bytes.remaining()).put(held.flip());
        }
        held.put(bytes);
    }

    /** Takes a header, or a SASL frame for the sink; false when the bytes are used up. */
    boolean advance(ByteBuffer bytes, FrameSink sink) {
        if (state == State.SASL) {
            return reader.next(bytes, sink);
        }
        ProtocolHeader header = reader.header(bytes);
        if (header != null) {
            header(header);
        }
        return header != null;
    }

    private void header(ProtocolHeader header) {
        if (header == ProtocolHeader.SASL && state == State.HEADER) {
            out.header(header);
            sasl.offer();
            state = State.SASL;
        } else if (header == ProtocolHeader.AMQP
                && (state == State.SECURED || host.anonymousAllowed(channel.remoteAddress()))) {
            out.header(header);
            state = State.DONE;
            ended.established(identity);
        } else {
            // Part 2, section 2.2: answer with what is spoken here, then close.
            out.header(state == State.SECURED ? ProtocolHeader.AMQP : ProtocolHeader.SASL);
            ended.failed("the peer " + header.complaint());
        }
    }

    /** A frame of the security layer. */
    void sasl(ByteBuffer body, PerformativeCodec codec) {
        sasl.received(codec.decodeSasl(body));
        if (sasl.checking()) {
            channel.read(false);
        }
    }

    private void authenticated(@Nullable Identity proven) {
        if (proven == null) {
            ended.failed("not authenticated");
            return;
        }
        identity = proven;
        state = State.SECURED;
        channel.read(true);
        ByteBuffer ahead = held.flip();
        held = NOTHING;
        if (ahead.hasRemaining()) {
            ended.resumed(ahead);
        }
    }

    /** The connection is gone. */
    void abandon() {
        sasl.abandon();
        held = NOTHING;
    }
}
