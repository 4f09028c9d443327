package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.management.BrokerNode;
import io.turnstone.amqp.terms.Subscriber;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/**
 * A receiver's link without a source: it asks for what the link of its name subscribed to, and closes it to unsubscribe.
 * Nothing is delivered. Owned by the loop of its connection.
 */
final class SubscriptionLink extends Link {

    private final Subscription.Key wanted;
    private final Topology topology;
    private @Nullable Subscription found;

    SubscriptionLink(AmqpSession session, LinkName name, Attach attach) {
        super(session, name, attach.getHandle().intValue());
        AmqpConnection connection = session.connection();
        wanted = Subscriber.wanted(attach, connection.peer());
        topology = connection.router().topology(connection.peer());
    }

    @Override
    @Nullable
    BrokerNode node() {
        return null;
    }

    @Override
    void open(Attach attach) {
        try {
            found = topology.subscription(wanted).orElse(null);
        } catch (RuntimeException refused) {
            throw error(refused);
        }
        if (found == null) {
            throw new LinkError(
                    AmqpError.NOT_FOUND,
                    "there is no durable subscription '" + wanted.name() + "', and a link without a source needs one");
        }
        opened(attach, null);
    }

    @Override
    Attach accepted(Attach asked) {
        Attach reply = reply(asked);
        reply.setSource(found == null ? new Source() : Subscriber.source(found));
        reply.setTarget(asked.getTarget());
        return reply;
    }

    @Override
    void leave(boolean closed) {
        if (!closed) {
            left(false, null);
            return;
        }
        AmqpConnection connection = session().connection();
        topology.unsubscribe(wanted)
                .whenComplete((done, failure) -> connection
                        .loop()
                        .execute(() -> connection.failures().guard(this, () -> {
                            left(true, failure == null ? null : error(failure));
                            connection.turnEnd().ask();
                        })));
    }

    @Override
    void attached() {}

    @Override
    void abandon() {}

    @Override
    void release(boolean lost) {}

    @Override
    void flow(FlowFrame flow) {}

    @Override
    void endOfTurn() {}
}
