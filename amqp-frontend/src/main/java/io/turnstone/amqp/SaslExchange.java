package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.plugin.Login;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.security.SaslChallenge;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.jspecify.annotations.Nullable;

/**
 * The frames of the security layer of one connection (part 5, section 5.3): carries a {@link Login} to its outcome. One
 * attempt per connection. Owned by the loop of its connection.
 */
final class SaslExchange {

    /** Largest SASL frame in bytes (part 5, section 5.3.1), unless a mechanism that is offered needs larger ones. */
    static final int MAX_FRAME_SIZE = FrameWriter.MIN_MAX_FRAME_SIZE;

    /** What a frame has around the message of a mechanism: headers, the mechanism's name, the peer's host name. */
    private static final int FRAME_OVERHEAD = 384;

    /** Told how it goes on. */
    interface Progress {
        /** A challenge was sent; the peer's next frame may be read. */
        void challenged();

        /** The outcome was sent; {@code accepted} is null when the peer was not. */
        void ended(Login.Step.@Nullable Accepted accepted);
    }

    private enum State {
        OFFERED,
        /** A message of the peer is being checked. */
        CHECKING,
        CHALLENGED,
        ENDED
    }

    private final Login login;
    private final FrameWriter out;
    private final Progress progress;
    private State state = State.OFFERED;

    /** Sends the mechanisms. */
    SaslExchange(Login login, FrameWriter out, Progress progress) {
        this.login = login;
        this.out = out;
        this.progress = progress;
        List<String> names = login.mechanisms();
        var mechanisms = new SaslMechanisms();
        mechanisms.setSaslServerMechanisms(names.stream().map(Symbol::valueOf).toArray(Symbol[]::new));
        out.sasl(mechanisms);
    }

    /** The largest frame that the peer may send, in bytes. */
    int maxFrameSize() {
        int needed = login.maxMessageBytes() + FRAME_OVERHEAD;
        return login.maxMessageBytes() <= MAX_FRAME_SIZE ? MAX_FRAME_SIZE : needed;
    }

    /** Whether a message of the peer is being checked: nothing may be read until that ended. */
    boolean checking() {
        return state == State.CHECKING;
    }

    /** The peer's frame. */
    void received(SaslFrameBody frame) {
        if (frame instanceof SaslInit init && state == State.OFFERED) {
            state = State.CHECKING;
            Binary response = init.getInitialResponse();
            login.begin(init.getMechanism().toString(), response == null ? null : bytes(response), this::answered);
        } else if (frame instanceof SaslResponse response && state == State.CHALLENGED) {
            state = State.CHECKING;
            login.respond(bytes(response.getResponse()), this::answered);
        } else {
            throw ConnectionError.framing("a " + frame.getClass().getSimpleName() + " frame is not expected here; "
                    + (state == State.CHALLENGED ? "answer the challenge with a SaslResponse" : "send one SaslInit"));
        }
    }

    /** The connection is gone: an answer that still comes is of no interest. */
    void abandon() {
        state = State.ENDED;
        login.abandon();
    }

    private void answered(Login.Step step) {
        if (state != State.CHECKING) {
            return;
        }
        if (step instanceof Login.Step.Challenge challenge) {
            state = State.CHALLENGED;
            var frame = new SaslChallenge();
            frame.setChallenge(new Binary(challenge.message()));
            out.sasl(frame);
            progress.challenged();
            return;
        }
        state = State.ENDED;
        var outcome = new SaslOutcome();
        if (step instanceof Login.Step.Accepted accepted) {
            outcome.setCode(SaslCode.OK);
            if (accepted.message().length > 0) {
                outcome.setAdditionalData(new Binary(accepted.message()));
            }
            out.sasl(outcome);
            progress.ended(accepted);
        } else if (step instanceof Login.Step.Refused refused) {
            outcome.setCode(code(refused.reason()));
            out.sasl(outcome);
            progress.ended(null);
        }
    }

    /** Part 5, section 5.3.3.6. */
    private static SaslCode code(Login.Reason reason) {
        return switch (reason) {
            case CREDENTIALS -> SaslCode.AUTH;
            case FAULT -> SaslCode.SYS;
            case UNAVAILABLE -> SaslCode.SYS_PERM;
            case BUSY -> SaslCode.SYS_TEMP;
        };
    }

    private static byte[] bytes(Binary binary) {
        int from = binary.getArrayOffset();
        return Arrays.copyOfRange(binary.getArray(), from, from + binary.getLength());
    }
}
