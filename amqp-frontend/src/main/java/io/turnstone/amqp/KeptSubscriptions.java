package io.turnstone.amqp;

import io.turnstone.amqp.terms.ConsumerTerms;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions of one connection whose links are detached and whose time does not count yet, as that begins with the end
 * of their session or of the connection (part 3, section 3.5.6). Each is kept alive by a consumer that only looks. Owned
 * by the loop of the connection, which limits them as links.
 */
final class KeptSubscriptions {

    private final AmqpConnection connection;
    private final Map<LinkName, Kept> kept = new HashMap<>(0);

    KeptSubscriptions(AmqpConnection connection) {
        this.connection = connection;
    }

    /** How many there are. */
    int size() {
        return kept.size();
    }

    /**
     * A link goes.
     *
     * @param from its consumer, which is closed
     * @param unsubscribes whether its subscription goes with it
     */
    void leave(Link link, Consumer from, ConsumerTerms terms, boolean lost, boolean unsubscribes) {
        Subscription subscription = terms.subscription();
        if (subscription != null && unsubscribes) {
            from.unsubscribe();
            return;
        }
        if (subscription == null || !waits(link.session(), terms.expiry().policy())) {
            from.close(lost);
            return;
        }
        boolean goesWithConsumer = subscription.expiresMs() == 0;
        if (!goesWithConsumer) {
            from.close(lost);
        }
        AmqpSession session = terms.expiry().policy() == TerminusExpiryPolicy.SESSION_END ? link.session() : null;
        var made = new Kept(subscription, session, goesWithConsumer ? from : null);
        Kept before = kept.put(link.name(), made);
        if (before != null) {
            before.end();
        }
        ConsumerRequest looking = terms.request(connection.peer(), true, 1).in(ConsumerRequest.Mode.BROWSE);
        connection
                .router()
                .openConsumer(looking, connection.loop(), made)
                .whenComplete((opened, failure) -> made.opened(opened));
    }

    private boolean waits(AmqpSession session, TerminusExpiryPolicy policy) {
        boolean sessionLives = !session.ended() && connection.opened();
        return (policy == TerminusExpiryPolicy.SESSION_END && sessionLives)
                || (policy == TerminusExpiryPolicy.CONNECTION_CLOSE && connection.opened());
    }

    /** A link of that name attaches: if it wants something else, what was kept for it ends. */
    void change(LinkName name, @Nullable Subscription wanted) {
        Kept there = kept.get(name);
        if (there != null && (wanted == null || !there.isFor(wanted))) {
            kept.remove(name);
            there.unsubscribe();
        }
    }

    /** A link of that name has attached, and keeps what it takes from alive itself. */
    void taken(LinkName name) {
        Kept there = kept.remove(name);
        if (there != null) {
            there.end();
        }
    }

    /** A session has ended: so do those that were waiting for that. */
    void sessionEnded(AmqpSession session) {
        List<LinkName> ended = new ArrayList<>(0);
        kept.forEach((name, each) -> {
            if (each.session == session) {
                ended.add(name);
            }
        });
        ended.forEach(this::taken);
    }

    /** The connection has ended. */
    void connectionEnded() {
        List.copyOf(kept.keySet()).forEach(this::taken);
    }

    /** One of them: the listener of the consumer that only looks. */
    private static final class Kept implements Consumer.Listener {

        private final Subscription subscription;
        private final @Nullable AmqpSession session;
        private @Nullable Consumer before;
        private @Nullable Consumer looking;
        private boolean ended;
        private boolean unsubscribed;

        Kept(Subscription subscription, @Nullable AmqpSession session, @Nullable Consumer before) {
            this.subscription = subscription;
            this.session = session;
            this.before = before;
        }

        boolean isFor(Subscription wanted) {
            return wanted.key().equals(subscription.key()) && wanted.selectsLike(subscription);
        }

        void opened(@Nullable Consumer opened) {
            looking = opened;
            closeBefore();
            if (ended) {
                close();
            }
        }

        private void closeBefore() {
            Consumer first = before;
            before = null;
            if (first != null) {
                first.close(false);
            }
        }

        void end() {
            ended = true;
            if (looking != null) {
                close();
            }
        }

        void unsubscribe() {
            unsubscribed = true;
            Consumer first = before;
            if (first != null) {
                before = null;
                first.unsubscribe();
            }
            end();
        }

        private void close() {
            Consumer open = looking;
            looking = null;
            if (open == null) {
                return;
            }
            if (unsubscribed) {
                open.unsubscribe();
            } else {
                open.close(false);
            }
        }

        @Override
        public void deliver(Delivery delivery) {}

        @Override
        public void drained() {}

        @Override
        public void settled(Delivery delivery, Outcome outcome) {}

        @Override
        public void closed(Refusal reason) {
            looking = null;
        }
    }
}
