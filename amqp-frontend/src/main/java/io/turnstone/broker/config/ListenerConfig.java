package io.turnstone.broker.config;

import io.turnstone.broker.security.Mechanism;
import java.util.List;
import java.util.Optional;

/**
 * One address the broker listens on. Immutable.
 *
 * @param protocol {@code amqp} or the name of a plugin's protocol
 * @param host the local address or name to bind
 * @param port the port; 0 picks a free one
 * @param tls the broker's certificate; empty for plain connections
 * @param webSocket how the bytes of its protocol are carried in WebSockets; empty when they are not
 * @param sasl how its clients may log in; empty for what the whole broker offers
 */
public record ListenerConfig(
        String protocol,
        String host,
        int port,
        Optional<TlsConfig> tls,
        Optional<WebSocketConfig> webSocket,
        List<Mechanism> sasl) {
    public ListenerConfig {
        sasl = List.copyOf(sasl);
    }

    /** AMQP without encryption. */
    public static ListenerConfig amqp(String host, int port) {
        return new ListenerConfig("amqp", host, port, Optional.empty(), Optional.empty(), List.of());
    }

    /** AMQP over TLS. */
    public static ListenerConfig amqps(String host, int port, TlsConfig tls) {
        return new ListenerConfig("amqp", host, port, Optional.of(tls), Optional.empty(), List.of());
    }

    /** The same at another address; for command-line flags. */
    public ListenerConfig at(String otherHost, int otherPort) {
        return new ListenerConfig(protocol, otherHost, otherPort, tls, webSocket, sasl);
    }

    /** The protocol's name, with an {@code s} when it is encrypted from the first byte: {@code amqps}, {@code amqp-wss}. */
    public String scheme() {
        return protocol + (webSocket.isPresent() ? "-ws" : "") + (encryptsAtOnce() ? "s" : "");
    }

    /** Whether TLS is spoken from the first byte. */
    public boolean encryptsAtOnce() {
        return tls.isPresent() && tls.get().upgrade() == TlsConfig.Upgrade.NEVER;
    }
}
