package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Address;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Peer;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import org.apache.qpid.proton.amqp.messaging.Outcome;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/**
 * What a consuming peer asks of its source, and what it gets. Immutable.
 *
 * @param address where it wants to take from
 * @param filters what it wants of that
 * @param browse whether it looks at messages without taking them
 * @param defaultOutcome what a delivery becomes that is settled without an outcome
 * @param priority it is served before consumers of a lower one
 * @param subscription where the messages come from an exchange, what that keeps for it; else null
 * @param expiry how long its terminus lasts without it
 */
public record ConsumerTerms(
        AmqpAddress address,
        Filters filters,
        boolean browse,
        Outcome defaultOutcome,
        int priority,
        @Nullable Subscription subscription,
        Expiry expiry) {

    /** Of a link that takes from no queue, or is not open yet. */
    public static final ConsumerTerms NONE = new ConsumerTerms(
            AmqpAddress.anonymous(), Filters.NONE, false, Released.getInstance(), 0, null, Expiry.DEFAULT);

    /**
     * What the peer's attach says.
     *
     * @param dynamicName the name a dynamic node gets
     * @throws LinkError when it cannot be had
     */
    public static ConsumerTerms of(Attach attach, String dynamicName, Peer peer, Topology topology) {
        Source source = attach.getSource() instanceof Source asked ? asked : null;
        AmqpAddress address = AmqpAddress.ofSource(source, dynamicName);
        if (source == null) {
            return NONE;
        }
        Filters filters = Filters.of(source, address.address(), topology, System::currentTimeMillis);
        Subscription subscription = Subscriber.of(attach, source, filters, peer, topology);
        return new ConsumerTerms(
                address,
                filters,
                // A subscription takes what it gets; the exchange's copies are its own.
                Termini.browses(source) && subscription == null,
                Termini.defaultOutcome(source),
                Termini.priority(attach, address),
                subscription,
                Expiry.of(source));
    }

    /** What to ask of the core. */
    public ConsumerRequest request(Peer peer, boolean settled, long byteBudget) {
        if (subscription != null) {
            // What it does not want does not get into its queue.
            var mode = new ConsumerRequest.Mode(settled, false, false, false);
            var source = new Address.Subscribed(subscription);
            return new ConsumerRequest(source, peer, mode, MessageFilter.ALL, priority, byteBudget);
        }
        return new ConsumerRequest(
                filters.source(),
                peer,
                new ConsumerRequest.Mode(settled, browse, false, filters.noLocal()),
                filters.filter(),
                priority,
                byteBudget);
    }

    /** What is taken: a link that comes back gets on with what it had if that is the same. */
    public String identity() {
        return address + " " + filters.effective();
    }

    /**
     * The source as it is.
     *
     * @param dynamicAddress the address of the node that was made, or null if none was
     */
    public Source source(@Nullable Object asked, @Nullable String dynamicAddress) {
        Source source = Termini.source(
                asked instanceof Source given ? given : new Source(), dynamicAddress, browse, defaultOutcome);
        source.setFilter(filters.effective().isEmpty() ? null : filters.effective());
        if (subscription != null) {
            source.setDistributionMode(Symbols.COPY);
            if (!expiry.survivesRestart()) {
                source.setDurable(TerminusDurability.NONE);
            }
        }
        return source;
    }
}
