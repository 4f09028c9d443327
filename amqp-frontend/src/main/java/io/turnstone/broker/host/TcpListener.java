package io.turnstone.broker.host;

import io.turnstone.api.plugin.Protocol;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.TlsConfig;
import io.vertx.core.Future;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One listening address: a server on each loop, all sharing the port, and the connections that came through them.
 *
 * <p><b>Threads:</b> made, stopped and asked by any thread; each connection belongs to its loop.
 */
final class TcpListener {

    private static final Logger LOG = LogManager.getLogger(TcpListener.class);
    private static final int BACKLOG = 4_096;

    private final ListenerConfig config;
    private final Protocol protocol;
    private final Protocol.Host host;
    private final Acceptance acceptance;
    private final List<NetServer> servers = new ArrayList<>();
    private final Set<TcpChannel> channels = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Tls tls;
    private volatile Optional<TlsConfig> tlsConfig;

    TcpListener(ListenerConfig config, Protocol protocol, Protocol.Host host, Acceptance acceptance) {
        this.config = config;
        this.tlsConfig = config.tls();
        this.protocol = protocol;
        this.host = host;
        this.acceptance = acceptance;
    }

    /**
     * Binds the port; the future fails when it is taken.
     *
     * @throws HostException when certificate and key cannot be used
     */
    Future<Void> listen(List<VertxLoop> loops, int acceptRate, int sharedPortId) {
        tls = config.tls().map(Tls::of).orElse(null);
        // port 0: all loops share the one that the first of them gets
        SocketAddress address = config.port() == 0
                ? SocketAddress.sharedRandomPort(sharedPortId, config.host())
                : SocketAddress.inetSocketAddress(config.port(), config.host());
        Future<Void> bound = Future.succeededFuture();
        for (VertxLoop loop : loops) {
            NetServer server = loop.context().owner().createNetServer(options());
            var rate = new AcceptRate(Math.max(1, acceptRate / loops.size()));
            server.connectHandler(socket -> accept(loop, rate, socket));
            server.exceptionHandler(e -> LOG.debug("connection lost listener={}: {}", this, e.getMessage()));
            servers.add(server);
            bound = bound.compose(ok -> listenOn(loop, server, address));
        }
        return bound;
    }

    private static Future<Void> listenOn(VertxLoop loop, NetServer server, SocketAddress address) {
        io.vertx.core.Promise<Void> done = io.vertx.core.Promise.promise();
        // on the loop's own context: that is where its connections go
        loop.context()
                .runOnContext(ignored -> server.listen(address).<Void>mapEmpty().onComplete(done::handle));
        return done.future();
    }

    private static NetServerOptions options() {
        return new NetServerOptions()
                .setAcceptBacklog(BACKLOG)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setReuseAddress(true);
    }

    /**
     * Reads certificate and key again; connections that are open keep the old ones.
     *
     * @throws HostException when they cannot be used; then the old ones stay
     */
    void renewCertificate(TlsConfig renewed) {
        tls = Tls.of(renewed);
        tlsConfig = Optional.of(renewed);
    }

    @Nullable
    Tls tls() {
        return tls;
    }

    /** Where its certificates are now. */
    Optional<TlsConfig> tlsConfig() {
        return tlsConfig;
    }

    private void accept(VertxLoop loop, AcceptRate rate, NetSocket socket) {
        String remote = String.valueOf(socket.remoteAddress());
        if (!rate.enter(loop.steadyMs())) {
            acceptance.refused("more new connections per second than limits: accept-rate", remote, loop.steadyMs());
            socket.close();
        } else if (!acceptance.enter()) {
            acceptance.refused("as many connections as limits: connections allows", remote, loop.steadyMs());
            socket.close();
        } else {
            open(loop, (NetSocketInternal) socket);
        }
    }

    private void open(VertxLoop loop, NetSocketInternal socket) {
        var holder = new TcpChannel[1];
        var channel = new TcpChannel(loop, socket, acceptance, () -> channels.remove(holder[0]));
        holder[0] = channel;
        channels.add(channel);
        try {
            channel.open(protocol, host, tls, config.webSocket());
        } catch (RuntimeException | Error e) {
            LOG.error("connection refused remote={}: protocol {} failed", channel.remoteAddress(), protocol.name(), e);
            channels.remove(channel);
            acceptance.leave();
            socket.close();
        }
    }

    /** Stops listening, asks every connection to say good-bye, and closes what is left after the timeout. */
    Future<Void> stop(Duration timeout) {
        List<Future<Void>> stopped = new ArrayList<>();
        servers.forEach(server -> stopped.add(server.shutdown(timeout)));
        return Future.join(stopped).mapEmpty();
    }

    /** What is connected now. */
    Set<TcpChannel> channels() {
        return channels;
    }

    ListenerConfig config() {
        return config;
    }

    int port() {
        return servers.get(0).actualPort();
    }

    /** For example {@code amqp 127.0.0.1:5672}. */
    @Override
    public String toString() {
        return config.scheme() + " " + config.host() + ":" + config.port();
    }
}
