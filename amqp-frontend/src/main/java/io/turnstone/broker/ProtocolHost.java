package io.turnstone.broker;

import io.turnstone.api.Authenticated;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.BrokerListener;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.Spool;
import io.turnstone.broker.security.Logins;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What this broker offers to its protocols. Any thread. */
record ProtocolHost(
        Router router,
        Optional<Spool> spool,
        Logins logins,
        Access access,
        BrokerListener listener,
        AtomicLong connectionIds)
        implements Protocol.Host {

    @Override
    public void authenticate(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
        logins.check(user, password, remoteAddress, loop, answer);
    }

    @Override
    public boolean anonymousAllowed(String remoteAddress) {
        return access.anonymousAllowed(remoteAddress);
    }

    @Override
    public void event(BrokerEvent event) {
        listener.on(event);
    }

    @Override
    public long nextConnectionId() {
        return connectionIds.incrementAndGet();
    }
}
