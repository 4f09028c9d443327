package io.turnstone.broker;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.broker.config.Admission;
import io.turnstone.broker.config.Anonymous;
import io.turnstone.broker.security.Mechanism;
import io.turnstone.broker.security.Offer;
import io.turnstone.broker.security.Permissions;
import io.turnstone.broker.security.Remote;
import io.turnstone.broker.security.ScramHash;
import io.turnstone.broker.security.Tokens;
import io.turnstone.broker.security.User;
import io.turnstone.broker.security.Users;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who may come and what they may do, as the latest configuration says. Any thread; replaced as a whole. */
final class Access implements Authorizer {

    private record Rules(
            Anonymous anonymous,
            Users users,
            Permissions permissions,
            Optional<Tokens> tokens,
            Set<String> roles,
            List<Mechanism> sasl) {}

    private final boolean strangers;
    private final byte[] secret;
    private volatile Rules rules;

    /**
     * By a configuration.
     *
     * @param strangers whether plugins let people in that the configuration does not know
     * @param secret what a peer must not know, the same at every start
     */
    Access(Admission admission, boolean strangers, byte[] secret) {
        this.strangers = strangers;
        this.secret = secret;
        rules = rules(admission);
    }

    void use(Admission admission) {
        rules = rules(admission);
    }

    private Rules rules(Admission admission) {
        List<User> users = admission.users().orElseGet(() -> List.of(User.guest()));
        return new Rules(
                admission.anonymous(),
                new Users(users, secret),
                new Permissions(users, admission.roles(), strangers),
                admission.tokens().map(Tokens::new),
                admission.roles().keySet(),
                admission.sasl());
    }

    /** The users with a password. */
    Users users() {
        return rules.users;
    }

    @Override
    public boolean allowed(Identity identity, Action action, String resource) {
        return rules.permissions.allowed(identity, action, resource);
    }

    /**
     * Whether one may come from there without credentials.
     *
     * @param sasl the mechanisms that the listener names; empty for none
     */
    boolean anonymousAllowed(List<Mechanism> sasl, String remoteAddress) {
        return anonymousAllowed(rules, named(rules, sasl), remoteAddress);
    }

    /**
     * What a peer may choose from.
     *
     * @param sasl the mechanisms that the listener names; empty for none
     * @param certified the names in the certificate that the peer proved
     */
    Offer offer(List<Mechanism> sasl, String remoteAddress, List<String> certified) {
        Rules now = rules;
        List<Mechanism> named = named(now, sasl);
        Set<Mechanism> unavailable = unavailable(now);
        List<Mechanism> offered = Arrays.stream(Mechanism.values())
                .filter(mechanism -> named.isEmpty()
                        ? !unavailable.contains(mechanism) && usual(now, mechanism)
                        : named.contains(mechanism))
                .filter(mechanism -> mechanism != Mechanism.ANONYMOUS || anonymousAllowed(now, named, remoteAddress))
                .filter(mechanism -> mechanism != Mechanism.EXTERNAL || !certified.isEmpty())
                .toList();
        if (offered.isEmpty()) { // a list must not be (AMQP 1.0, part 5, section 5.3.3.1), but nothing in it works
            return new Offer(named, Set.copyOf(named), certified, now.tokens, now.roles, now.users);
        }
        return new Offer(offered, unavailable, certified, now.tokens, now.roles, now.users);
    }

    private static List<Mechanism> named(Rules rules, List<Mechanism> ofListener) {
        return ofListener.isEmpty() ? rules.sasl : ofListener;
    }

    /** A client that chooses SCRAM does not try again with PLAIN: it must work for everybody. */
    private static boolean usual(Rules rules, Mechanism mechanism) {
        return ScramHash.of(mechanism.label()).map(rules.users::allHave).orElse(true);
    }

    /** Who asks a plugin about passwords has no verifiers. */
    private Set<Mechanism> unavailable(Rules rules) {
        Set<Mechanism> unavailable = EnumSet.noneOf(Mechanism.class);
        if (strangers) {
            unavailable.addAll(EnumSet.of(Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_512));
        }
        if (rules.tokens.isEmpty()) {
            unavailable.addAll(EnumSet.of(Mechanism.XOAUTH2, Mechanism.OAUTHBEARER));
        }
        return unavailable;
    }

    private static boolean anonymousAllowed(Rules rules, List<Mechanism> named, String remoteAddress) {
        return (named.isEmpty() || named.contains(Mechanism.ANONYMOUS))
                && switch (rules.anonymous) {
                    case NEVER -> false;
                    case ANYWHERE -> true;
                    case LOOPBACK -> Remote.loopback(remoteAddress);
                };
    }
}
