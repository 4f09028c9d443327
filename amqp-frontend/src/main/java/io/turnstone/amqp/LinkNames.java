package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.management.BrokerNode;
import java.util.HashMap;
import java.util.Map;

/** The links of one connection by name and direction (part 2, section 2.6.1). Owned by its loop. */
final class LinkNames {

    private final AmqpConnection connection;
    private final Map<LinkName, Link> links = new HashMap<>();
    private boolean used;

    LinkNames(AmqpConnection connection) {
        this.connection = connection;
    }

    /** Whether links were attached beside those that say who the peer is. */
    boolean used() {
        return used;
    }

    /** Links that hold a name. */
    int size() {
        return links.size();
    }

    /** A link attaches; one of the same name and direction loses it. */
    void take(Link link) {
        used |= link.node() != BrokerNode.TOKENS;
        Link old = links.put(link.name(), link);
        if (old != null) {
            connection
                    .failures()
                    .of(
                            old,
                            new LinkError(
                                    Symbols.STOLEN,
                                    "another link named '" + link.name().name()
                                            + "' was attached and took its place; give each link a name of its own"));
        }
    }

    /** A link does not hold its name any more, if it still did. */
    void free(Link link) {
        links.remove(link.name(), link);
    }
}
