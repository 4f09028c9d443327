package io.turnstone.broker;

import io.turnstone.api.Authenticated;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.BrokerListener;
import io.turnstone.api.plugin.Login;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.Spool;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.TlsConfig;
import io.turnstone.broker.security.Logins;
import io.turnstone.broker.security.SaslLogin;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What this broker offers to the protocol of one listener. Any thread. */
record ProtocolHost(Shared shared, ListenerConfig listener) implements Protocol.Host {

    /** What all listeners have in common. */
    record Shared(
            Router router,
            Optional<Spool> spool,
            Logins logins,
            Access access,
            BrokerListener listener,
            AtomicLong connectionIds) {}

    @Override
    public Router router() {
        return shared.router;
    }

    @Override
    public Optional<Spool> spool() {
        return shared.spool;
    }

    @Override
    public Login login(Protocol.Channel channel) {
        return new SaslLogin(
                shared.access.offer(listener.sasl(), channel.remoteAddress(), certified(channel)),
                shared.logins,
                channel.remoteAddress(),
                channel.loop());
    }

    private List<String> certified(Protocol.Channel channel) {
        List<X509Certificate> chain = channel.certificates();
        return listener.tls()
                .flatMap(TlsConfig::clients)
                .filter(clients -> !chain.isEmpty())
                .map(clients -> clients.name().of(chain.get(0)))
                .orElse(List.of());
    }

    @Override
    public void authenticate(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
        shared.logins.check(user, password, remoteAddress, loop, answer);
    }

    @Override
    public boolean anonymousAllowed(String remoteAddress) {
        return shared.access.anonymousAllowed(listener.sasl(), remoteAddress);
    }

    @Override
    public void event(BrokerEvent event) {
        shared.listener.on(event);
    }

    @Override
    public long nextConnectionId() {
        return shared.connectionIds.incrementAndGet();
    }
}
