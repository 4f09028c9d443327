package io.turnstone.api.plugin;

import io.turnstone.api.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One peer's attempt to prove who it is, in the messages of SASL (RFC 4422); a protocol carries them. It takes one
 * message at a time and ends with the first step that is not a challenge; how many challenges there are is the
 * mechanism's to bound.
 *
 * <p><b>Threads:</b> owned by the loop of its connection, on which every answer is given: within the call or later.
 */
public interface Login {

    /** What the peer may choose from, the strongest first; at least one. */
    List<String> mechanisms();

    /** The longest message that a peer can need to send, in bytes. */
    int maxMessageBytes();

    /**
     * The peer has chosen.
     *
     * @param mechanism any text; one that was not offered is refused
     * @param response what came with the choice; null for nothing
     */
    void begin(String mechanism, byte @Nullable [] response, Answer answer);

    /** The peer has answered the last challenge. */
    void respond(byte[] response, Answer answer);

    /** The connection is gone: nothing is answered any more. */
    void abandon();

    /** Told what comes next. */
    @FunctionalInterface
    interface Answer {
        /** Called once for each message of the peer. */
        void answered(Step step);
    }

    /** What comes next. */
    sealed interface Step {
        /** The peer is to answer this message. */
        record Challenge(byte[] message) implements Step {}

        /**
         * The peer is who it says.
         *
         * @param message what the mechanism still has to tell it; may be empty
         * @param expiresAtMs when the proof ends to be good, in milliseconds since 1970; {@link Long#MAX_VALUE} for never
         */
        record Accepted(Identity identity, byte[] message, long expiresAtMs) implements Step {}

        /** It is not, or that could not be found out. */
        record Refused(Reason reason) implements Step {}
    }

    /** Why a peer was refused, as far as it may know. */
    enum Reason {
        /** It did not prove to be who it says. */
        CREDENTIALS,
        /** The check failed by itself. */
        FAULT,
        /** Nobody can log in this way until the broker is configured otherwise. */
        UNAVAILABLE,
        /** Too many wait to be checked; later it may work. */
        BUSY
    }
}
