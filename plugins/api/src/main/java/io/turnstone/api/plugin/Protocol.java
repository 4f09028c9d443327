package io.turnstone.api.plugin;

import io.turnstone.api.Authenticated;
import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import io.turnstone.api.store.Spool;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** A wire protocol that a listener can name. Gets byte channels from the host, never an event loop of its own. */
public interface Protocol {

    /** The name under {@code listeners: protocol} in the configuration file. */
    String name();

    /** A connection was accepted; called on {@code channel.loop()}. */
    Connection accept(Channel channel, Host host);

    /** The bytes out: one accepted connection as the protocol sees it. Used on its loop only. */
    interface Channel {
        /** The loop it belongs to. */
        Loop loop();

        /** Host and port of the other end. */
        String remoteAddress();

        /**
         * Room for bytes to send: put them at the buffer's position, any number of times within the turn. What was put
         * there is flushed at the end of the turn. The buffer is big-endian and valid until the next call or the end of
         * the turn, whichever is first.
         *
         * @param atLeast how many bytes must fit
         */
        ByteBuffer out(int atLeast);

        /** Bytes queued and not yet taken by the socket. */
        long pendingBytes();

        /** Stops or resumes reading. */
        void read(boolean on);

        /** Flushes and closes. */
        void close();

        /** How safe the bytes are on their way. */
        default Encryption encryption() {
            return Encryption.NONE;
        }

        /**
         * Encrypts everything after the bytes that were written so far; only where that is {@link Encryption#POSSIBLE}
         * or {@link Encryption#REQUIRED}.
         *
         * @param ahead what came behind the request to do so: it belongs to the handshake of TLS and is used up
         */
        default void encrypt(ByteBuffer ahead) {
            throw new IllegalStateException("this channel cannot be encrypted");
        }

        /** What the other end proved within TLS, its own certificate first; empty when it showed none. */
        default List<X509Certificate> certificates() {
            return List.of();
        }
    }

    /** How safe bytes are on their way. */
    enum Encryption {
        /** Everybody on the way can read them. */
        NONE,
        /** The same, but the peer may ask for TLS within the protocol. */
        POSSIBLE,
        /** The peer must do so before it says anything else. */
        REQUIRED,
        /** TLS is spoken. */
        ON
    }

    /** The bytes in: what the protocol makes of a connection. Called on the channel's loop. */
    interface Connection {
        /** Bytes came; they are valid during the call. */
        void received(ByteBuffer bytes);

        /** What was queued has been taken by the socket. */
        void drained();

        /** The connection is gone. */
        void closed();

        /** The broker stops: say good-bye in the protocol's way and close within a bounded time. */
        void stop();

        /** Figures for operators, empty before the client has introduced itself. Any thread. */
        Optional<ConnectionStatus> status();
    }

    /** What the broker offers to a protocol. */
    interface Host {
        /** The core. */
        Router router();

        /** Where bodies go that are too large for the heap; empty when all must fit there. */
        Optional<Spool> spool();

        /** Begins to find out who the other end of a channel is, by the mechanisms of SASL that its listener offers. */
        Login login(Channel channel);

        /**
         * Checks a user name and password off the loop, slowed per address after failures; answers on {@code loop}. For
         * protocols without SASL.
         */
        void authenticate(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer);

        /** Whether this remote address may go without credentials. */
        boolean anonymousAllowed(String remoteAddress);

        /** Tells the listeners of the broker. */
        void event(BrokerEvent event);

        /** A number for a new connection, unique for the life of this process. */
        long nextConnectionId();
    }
}
