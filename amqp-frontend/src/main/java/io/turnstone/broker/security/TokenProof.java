package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** One token of one attempt: who it makes its bearer. Used by one thread at a time. */
final class TokenProof {

    private static final Logger LOG = LogManager.getLogger(TokenProof.class);

    private final Offer offer;
    private final Tokens tokens;
    private final String mechanism;
    private final String remoteAddress;
    private long expiresAtMs;

    TokenProof(Offer offer, Tokens tokens, String mechanism, String remoteAddress) {
        this.offer = offer;
        this.tokens = tokens;
        this.mechanism = mechanism;
        this.remoteAddress = remoteAddress;
    }

    /** When it ends to be good, once it was found to be. */
    long expiresAtMs() {
        return expiresAtMs;
    }

    /** Who its bearer is; empty when it is not good, or means nobody who is known here. */
    Optional<Identity> identity(String token) {
        try {
            Tokens.Bearer bearer = tokens.read(token);
            expiresAtMs = bearer.expiresAtMs();
            Set<String> roles = new LinkedHashSet<>(bearer.roles());
            roles.retainAll(offer.roles());
            boolean known = tokens.byRole() ? !roles.isEmpty() : offer.users().allowed(bearer.user(), remoteAddress);
            if (known && !bearer.user().equals(Identity.ANONYMOUS.name())) {
                return Optional.of(new Identity(bearer.user(), mechanism, roles));
            }
            LOG.info(
                    "token refused remote={} user={}: {}",
                    remoteAddress,
                    Logins.printable(bearer.user()),
                    tokens.byRole() ? "none of its roles is declared" : "no such user is declared");
        } catch (Tokens.Rejected e) {
            LOG.info("token refused remote={}: {}", remoteAddress, Logins.printable(String.valueOf(e.getMessage())));
        }
        return Optional.empty();
    }
}
