package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The security layer of one connection (part 5, section 5.3): offers mechanisms, checks what the peer answers, says
 * the outcome. One attempt per connection. Owned by the loop of its connection.
 */
final class SaslExchange {

    /** Largest SASL frame in bytes (part 5, section 5.3.1). */
    static final int MAX_FRAME_SIZE = FrameWriter.MIN_MAX_FRAME_SIZE;

    /** Told how it ended. */
    interface Ended {
        /** The outcome was sent; {@code identity} is null when the peer was not accepted. */
        void authenticated(@Nullable Identity identity);
    }

    private enum State {
        OFFERED,
        CHECKING,
        ENDED
    }

    private final Protocol.Host host;
    private final Loop loop;
    private final String remoteAddress;
    private final FrameWriter out;
    private final Ended ended;
    private boolean anonymousAllowed;
    private State state = State.OFFERED;

    SaslExchange(Protocol.Host host, Protocol.Channel channel, FrameWriter out, Ended ended) {
        this.host = host;
        this.loop = channel.loop();
        this.remoteAddress = channel.remoteAddress();
        this.out = out;
        this.ended = ended;
    }

    /** Sends the mechanisms. */
    void offer() {
        anonymousAllowed = host.anonymousAllowed(remoteAddress);
        var mechanisms = new SaslMechanisms();
        if (anonymousAllowed) {
            mechanisms.setSaslServerMechanisms(Symbols.PLAIN, Symbols.ANONYMOUS);
        } else {
            mechanisms.setSaslServerMechanisms(Symbols.PLAIN);
        }
        out.sasl(mechanisms);
    }

    /** Whether the peer's credentials are being checked: nothing may be read until that ended. */
    boolean checking() {
        return state == State.CHECKING;
    }

    /** The peer's frame. */
    void received(SaslFrameBody frame) {
        if (!(frame instanceof SaslInit init) || state != State.OFFERED) {
            throw ConnectionError.framing(
                    "a " + frame.getClass().getSimpleName() + " frame is not expected here; send one SaslInit");
        }
        Symbol mechanism = init.getMechanism();
        if (Symbols.ANONYMOUS.equals(mechanism) && anonymousAllowed) {
            end(Identity.ANONYMOUS);
        } else if (Symbols.PLAIN.equals(mechanism)) {
            plain(init.getInitialResponse());
        } else {
            end(null);
        }
    }

    /** The connection is gone: an answer that still comes is of no interest. */
    void abandon() {
        state = State.ENDED;
    }

    /** RFC 4616: {@code [authzid] NUL authcid NUL password}, in UTF-8. Acting for another user is not offered. */
    private void plain(@Nullable Binary response) {
        ByteBuffer bytes = response == null ? ByteBuffer.allocate(0) : response.asByteBuffer();
        int first = indexOfNul(bytes, bytes.position());
        int second = first < 0 ? -1 : indexOfNul(bytes, first + 1);
        if (second < 0 || indexOfNul(bytes, second + 1) >= 0) {
            end(null);
            return;
        }
        try {
            String actingFor = utf8(bytes, bytes.position(), first).toString();
            String user = utf8(bytes, first + 1, second).toString();
            if (user.isEmpty() || !(actingFor.isEmpty() || actingFor.equals(user))) {
                end(null);
                return;
            }
            CharBuffer decoded = utf8(bytes, second + 1, bytes.limit());
            var password = new char[decoded.remaining()];
            decoded.get(password);
            if (decoded.hasArray()) {
                Arrays.fill(decoded.array(), '\0');
            }
            state = State.CHECKING;
            host.authenticate(user, password, remoteAddress, loop, this::answered);
        } catch (CharacterCodingException notUtf8) {
            end(null);
        }
    }

    private static int indexOfNul(ByteBuffer bytes, int from) {
        for (int i = from; i < bytes.limit(); i++) {
            if (bytes.get(i) == 0) {
                return i;
            }
        }
        return -1;
    }

    private static CharBuffer utf8(ByteBuffer bytes, int from, int to) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(bytes.duplicate().limit(to).position(from));
    }

    private void answered(@Nullable Identity identity) {
        if (state == State.CHECKING) {
            end(identity);
        }
    }

    private void end(@Nullable Identity identity) {
        state = State.ENDED;
        var outcome = new SaslOutcome();
        outcome.setCode(identity == null ? SaslCode.AUTH : SaslCode.OK);
        out.sasl(outcome);
        ended.authenticated(identity);
    }
}
