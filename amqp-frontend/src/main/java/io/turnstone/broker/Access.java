package io.turnstone.broker;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.broker.config.Anonymous;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.security.Permissions;
import io.turnstone.broker.security.Remote;
import io.turnstone.broker.security.User;
import io.turnstone.broker.security.Users;
import java.util.List;

/** Who may come and what they may do, as the latest configuration says. Any thread; replaced as a whole. */
final class Access implements Authorizer {

    private record Rules(Anonymous anonymous, Permissions permissions) {}

    private final boolean strangers;
    private volatile Rules rules;

    /**
     * By a configuration.
     *
     * @param strangers whether plugins let people in that the configuration does not know
     */
    Access(BrokerConfig config, boolean strangers) {
        this.strangers = strangers;
        rules = rules(config);
    }

    void use(BrokerConfig config) {
        rules = rules(config);
    }

    private Rules rules(BrokerConfig config) {
        return new Rules(config.anonymous(), new Permissions(users(config), strangers));
    }

    static List<User> users(BrokerConfig config) {
        return config.users().orElseGet(() -> List.of(User.guest()));
    }

    static Users passwords(BrokerConfig config) {
        return new Users(users(config));
    }

    @Override
    public boolean allowed(Identity identity, Action action, String resource) {
        return rules.permissions.allowed(identity, action, resource);
    }

    boolean anonymousAllowed(String remoteAddress) {
        return switch (rules.anonymous) {
            case NEVER -> false;
            case ANYWHERE -> true;
            case LOOPBACK -> Remote.loopback(remoteAddress);
        };
    }
}
