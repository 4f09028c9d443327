package io.turnstone.amqp;

import io.turnstone.api.Authenticated;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.Spool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A broker around a {@link MemoryRouter}: knows one user, {@code guest} with password {@code guest}. */
final class MemoryHost implements Protocol.Host {

    final MemoryRouter router;
    final List<BrokerEvent> events = new ArrayList<>();
    boolean anonymous = true;
    /** Answers credentials in a later turn. */
    boolean slow;

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
        return router;
    }

    @Override
    public Optional<Spool> spool() {
        return spool;
    }

    @Override
    public void authenticate(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
        Identity identity =
                user.equals("guest") && String.valueOf(password).equals("guest") ? new Identity(user, "PLAIN") : null;
        if (slow) {
            loop.schedule(50, () -> answer.authenticated(identity));
        } else {
            answer.authenticated(identity);
        }
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
