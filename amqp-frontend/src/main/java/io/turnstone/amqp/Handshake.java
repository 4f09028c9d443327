package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameReader;
import io.turnstone.amqp.codec.FrameSink;
import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.PerformativeCodec;
import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Login;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What comes before AMQP frames: protocol headers and the security layer (part 2, section 2.2; part 5, section 5.3).
 * AMQP without a security layer is accepted where one may be anonymous. Owned by the loop of its connection.
 */
final class Handshake implements SaslExchange.Progress {

    /** Told how it goes on. */
    interface Ended {
        /**
         * AMQP frames follow.
         *
         * @param expiresAtMs when the peer must prove again who it is; {@link Long#MAX_VALUE} for never
         */
        void established(Identity identity, long expiresAtMs);

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
    private final Ended ended;
    private State state = State.HEADER;
    private @Nullable SaslExchange sasl;
    private Identity identity = Identity.ANONYMOUS;
    private long expiresAtMs = Long.MAX_VALUE;
    /** Bytes that came while credentials were being checked; from 0 to its position. */
    private ByteBuffer held = NOTHING;

    Handshake(Protocol.Channel channel, Protocol.Host host, FrameReader reader, FrameWriter out, Ended ended) {
        this.channel = channel;
        this.host = host;
        this.reader = reader;
        this.out = out;
        this.ended = ended;
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
        if (sasl == null || !sasl.checking()) {
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
            header(header, bytes);
        }
        return header != null;
    }

    private void header(ProtocolHeader header, ByteBuffer behind) {
        Protocol.Encryption encryption = channel.encryption();
        boolean toBeEncrypted = encryption == Protocol.Encryption.REQUIRED;
        if (header == ProtocolHeader.TLS && (toBeEncrypted || encryption == Protocol.Encryption.POSSIBLE)) {
            // Part 5, section 5.2. What came behind was not encrypted, and must not be taken for what follows.
            out.header(header);
            channel.encrypt(behind);
        } else if (toBeEncrypted) {
            out.header(ProtocolHeader.TLS);
            ended.failed("the peer comes without TLS, which is needed here: upgrade is required");
        } else if (header == ProtocolHeader.SASL && state == State.HEADER) {
            out.header(header);
            sasl = new SaslExchange(host.login(channel), out, this);
            reader.maxFrameSize(sasl.maxFrameSize());
            state = State.SASL;
        } else if (header == ProtocolHeader.AMQP
                && (state == State.SECURED || host.anonymousAllowed(channel.remoteAddress()))) {
            out.header(header);
            state = State.DONE;
            ended.established(identity, expiresAtMs);
        } else {
            // Part 2, section 2.2: answer with what is spoken here, then close.
            out.header(state == State.SECURED ? ProtocolHeader.AMQP : ProtocolHeader.SASL);
            ended.failed("the peer " + header.complaint());
        }
    }

    /** A frame of the security layer. */
    void sasl(ByteBuffer body, PerformativeCodec codec) {
        SaslExchange exchange = Objects.requireNonNull(sasl);
        exchange.received(codec.decodeSasl(body));
        if (exchange.checking()) {
            channel.read(false);
        }
    }

    @Override
    public void challenged() {
        resume();
    }

    @Override
    public void ended(Login.Step.@Nullable Accepted accepted) {
        if (accepted == null) {
            ended.failed("not authenticated");
            return;
        }
        identity = accepted.identity();
        expiresAtMs = accepted.expiresAtMs();
        state = State.SECURED;
        resume();
    }

    private void resume() {
        channel.read(true);
        ByteBuffer ahead = held.flip();
        held = NOTHING;
        if (ahead.hasRemaining()) {
            ended.resumed(ahead);
        }
    }

    /** The connection is gone. */
    void abandon() {
        if (sasl != null) {
            sasl.abandon();
        }
        held = NOTHING;
    }
}
