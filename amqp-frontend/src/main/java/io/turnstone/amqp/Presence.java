package io.turnstone.amqp;

import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.Identity;
import io.turnstone.api.Peer;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.Protocol;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the rest of the broker knows of one connection, from its open to its end. Owned by its loop. */
final class Presence {

    private final Protocol.Host host;
    private final SoleConnections soleConnections;
    private final AmqpConnection connection;
    private @Nullable Peer peer;
    private long openedAtMs;
    private volatile @Nullable ConnectionStatus status;

    Presence(AmqpConnection connection, Protocol.Host host, SoleConnections soleConnections) {
        this.connection = connection;
        this.host = host;
        this.soleConnections = soleConnections;
    }

    /**
     * The peer has introduced itself.
     *
     * @throws ConnectionError when its container may have one connection only and has one
     */
    void enter(RemoteOpen terms, Identity identity, String remoteAddress) {
        if (terms.sole()) {
            soleConnections.take(connection, terms.containerId(), terms.closesExisting());
        }
        peer = new Peer(host.nextConnectionId(), "amqp", terms.containerId(), identity, remoteAddress);
        openedAtMs = connection.loop().now();
        count(0, 0);
        host.event(new BrokerEvent.Connected(peer()));
    }

    /** The peer has shown who it is, after it came without a name. */
    void becomes(Identity identity) {
        Peer before = peer();
        peer = new Peer(
                before.connectionId(), before.protocol(), before.containerId(), identity, before.remoteAddress());
        ConnectionStatus last = status;
        if (last != null) {
            status = new ConnectionStatus(peer(), last.sessions(), last.links(), openedAtMs);
        }
        host.event(new BrokerEvent.Identified(peer()));
    }

    Peer peer() {
        return Objects.requireNonNull(peer);
    }

    /** Keeps the figures for operators up to date. */
    void count(int sessions, int links) {
        ConnectionStatus last = status;
        if (last == null || last.sessions() != sessions || last.links() != links) {
            status = new ConnectionStatus(peer(), sessions, links, openedAtMs);
        }
    }

    /** The connection has ended, and its links were released; does nothing the second time. */
    void leave(String reason) {
        Peer gone = peer;
        if (gone != null) {
            peer = null;
            status = null;
            soleConnections.release(connection, gone.containerId());
            host.router().disconnected(gone);
            host.event(new BrokerEvent.Disconnected(gone, reason));
        }
    }

    /** Any thread. */
    Optional<ConnectionStatus> status() {
        return Optional.ofNullable(status);
    }
}
