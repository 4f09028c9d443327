package io.turnstone.amqp;

import java.util.ArrayList;
import java.util.List;

/**
 * Links that were detached on one connection and wait for the end of their session, or of the connection, from which their
 * time counts (part 3, section 3.5.6). Owned by the loop of the connection.
 */
final class LingeringLinks {

    private record Lingering(LastingLink link, AmqpSession session) {}

    private final List<Lingering> all = new ArrayList<>(0);

    void add(LastingLink link, AmqpSession session) {
        all.removeIf(each -> each.link == link || each.link.lingering() != this);
        all.add(new Lingering(link, session));
    }

    /** A session has ended. */
    void sessionEnded(AmqpSession session) {
        for (Lingering each : all) {
            if (each.session == session) {
                each.link.sessionEnded(this);
            }
        }
    }

    /** The connection has ended. */
    void connectionEnded() {
        List<Lingering> left = List.copyOf(all);
        all.clear();
        left.forEach(each -> each.link.connectionEnded(this));
    }
}
