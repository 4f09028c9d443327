package io.turnstone.amqp;

import io.turnstone.api.Authenticated;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.Login;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.Spool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A broker around a {@link MemoryRouter}: logs in as {@link MemoryLogin} does. */
final class MemoryHost implements Protocol.Host {

    final MemoryRouter router;
    final List<BrokerEvent> events = new ArrayList<>();
    boolean anonymous = true;
    /** Answers credentials in a later turn. */
    boolean slow;
    /** The longest message of a mechanism. */
    int longest = 512;

    /** A router that is real, if there is one. */
    Router core;

    /** Whom tokens mean, for XOAUTH2. */
    Map<String, Identity> tokens = Map.of();

    MemoryLogin login;

    private final Optional<Spool> spool;

    private long connections;

    MemoryHost(MemoryRouter router) {
        this(router, Optional.empty());
    }

    MemoryHost(MemoryRouter router, Optional<Spool> spool) {
        this.router = router;
        this.spool = spool;
    }

    @Override
    public Router router() {
        return core == null ? router : core;
    }

    @Override
    public Optional<Spool> spool() {
        return spool;
    }

    @Override
    public Login login(Protocol.Channel channel) {
        login = new MemoryLogin(channel.loop(), anonymous, slow, longest);
        login.tokens = tokens;
        return login;
    }

    @Override
    public void authenticate(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
        throw new AssertionError("AMQP logs in by SASL");
    }

    @Override
    public boolean anonymousAllowed(String remoteAddress) {
        return anonymous;
    }

    @Override
    public void event(BrokerEvent event) {
        events.add(event);
    }

    @Override
    public long nextConnectionId() {
        return ++connections;
    }
}
