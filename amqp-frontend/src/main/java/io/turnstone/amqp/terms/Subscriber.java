package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.api.Address;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/**
 * Which subscription a link stands for, by the conventions of existing clients: whose it is by the capability {@code
 * global}, its name by the link's up to the first {@code |}, how long it lasts by its terminus. Pure.
 */
public final class Subscriber {

    private static final long SECOND_MS = 1_000;

    private Subscriber() {}

    /** The subscription of a source; null when its messages come from a queue. */
    static @Nullable Subscription of(Attach attach, Source source, Filters filters, Peer peer, Topology topology) {
        Address from = Filters.exchangeOf(filters.source(), topology);
        if (from == null) {
            return null;
        }
        Expiry expiry = Expiry.of(source);
        boolean shared = Termini.capable(source, Symbols.SHARED);
        long expiresMs = expiry.never() ? Message.NONE : expiry.timeoutMs();
        Subscription.Key key;
        if (shared || expiry.outlivesConnection()) {
            boolean global = Termini.capable(source, Symbols.GLOBAL);
            key = key(attach, peer, global, shared, expiry.survivesRestart());
        } else {
            key = new Subscription.Key(peer.containerId(), attach.getName(), false, false, peer.connectionId());
        }
        return new Subscription(key, from, KeptFilters.selection(filters), expiresMs);
    }

    /** The durable subscription that a link without a source looks for. */
    public static Subscription.Key wanted(Attach attach, Peer peer) {
        Symbol[] desired = attach.getDesiredCapabilities();
        boolean global = Termini.contains(desired, Symbols.GLOBAL);
        return key(attach, peer, global, Termini.contains(desired, Symbols.SHARED), true);
    }

    private static Subscription.Key key(Attach attach, Peer peer, boolean global, boolean shared, boolean durable) {
        String name = attach.getName();
        int bar = name.indexOf('|');
        return new Subscription.Key(
                global ? "" : peer.containerId(), bar < 0 ? name : name.substring(0, bar), shared, durable, 0);
    }

    /** The source of a subscription as it is, for a link that looked for it. */
    public static Source source(Subscription found) {
        var source = new Source();
        source.setAddress(address(found.source()));
        source.setDurable(found.key().durable() ? TerminusDurability.UNSETTLED_STATE : TerminusDurability.NONE);
        boolean never = found.expiresMs() == Message.NONE;
        source.setExpiryPolicy(never ? TerminusExpiryPolicy.NEVER : TerminusExpiryPolicy.LINK_DETACH);
        source.setTimeout(UnsignedInteger.valueOf(never ? 0 : found.expiresMs() / SECOND_MS));
        source.setDistributionMode(Symbols.COPY);
        Map<Symbol, Object> filters = KeptFilters.decoded(found.selection());
        source.setFilter(filters.isEmpty() ? null : filters);
        if (!found.key().shared()) {
            source.setCapabilities(Symbols.TOPIC);
        } else if (found.key().container().isEmpty()) {
            source.setCapabilities(Symbols.TOPIC, Symbols.SHARED, Symbols.GLOBAL);
        } else {
            source.setCapabilities(Symbols.TOPIC, Symbols.SHARED);
        }
        return source;
    }

    private static String address(Address from) {
        if (from instanceof Address.Topic topic) {
            return topic.name();
        }
        var exchange = (Address.Exchange) from;
        String key = exchange.key();
        String path = "/exchanges/" + PercentEncoding.encode(exchange.name());
        return key == null ? path : path + '/' + PercentEncoding.encode(key);
    }
}
