package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.filter.ExpressionFilter;
import io.turnstone.amqp.filter.FilterSyntaxException;
import io.turnstone.amqp.filter.PropertyFilters;
import io.turnstone.api.Address;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import io.turnstone.api.Topology;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a consumer, as far as they work (part 3, sections 3.5.1 and 3.5.8): what we do not know is left out of
 * the answer, and what we know and is wrong refuses the link. Immutable. See docs/filters.md.
 *
 * @param effective the filters that work, as they were sent; for the answer
 * @param source where the messages come from, with the binding that a filter chose
 * @param filter which messages match all of them
 * @param noLocal not what the same connection publishes
 */
public record Filters(Map<Symbol, Object> effective, Address source, MessageFilter filter, boolean noLocal) {

    private static final int MAX_FILTERS = 16;
    private static final Map<Symbol, Object> INFO = Map.of(Symbol.valueOf("field"), Symbol.valueOf("filter"));

    /** Of a link that is not open yet. */
    public static final Filters NONE = none(new Address.Anonymous());

    /** No filters. */
    private static Filters none(Address source) {
        return new Filters(Map.of(), source, MessageFilter.ALL, false);
    }

    /**
     * What a source asks for.
     *
     * @param from where its address says the messages come from
     * @param topology to know what a binding filter is for
     * @param clock the time in milliseconds since the epoch, for filters that want to know it; any thread
     * @throws LinkError {@code amqp:invalid-field} for a filter that is known and wrong
     */
    public static Filters of(Source source, Address from, Topology topology, LongSupplier clock) {
        Map<?, ?> asked = source.getFilter();
        if (asked == null || asked.isEmpty()) {
            return none(from);
        }
        if (asked.size() > MAX_FILTERS) {
            throw invalid("a source has " + asked.size() + " filters, and may have " + MAX_FILTERS);
        }
        var found = new Found(from, topology, clock);
        asked.forEach((name, value) -> {
            if (name instanceof Symbol symbol) {
                found.add(symbol, value);
            }
        });
        return found.filters();
    }

    /**
     * Filters that were effective before, to be used on messages of any source.
     *
     * @throws LinkError when one is wrong
     */
    static Filters again(Map<?, ?> effective, LongSupplier clock) {
        var found = new Found(new Address.Anonymous(), null, clock);
        effective.forEach((name, value) -> found.add((Symbol) name, value));
        return found.filters();
    }

    /** The topic or exchange that messages come from; null for a queue. */
    static @Nullable Address exchangeOf(Address source, Topology topology) {
        if (source instanceof Address.Topic || source instanceof Address.Exchange) {
            return source;
        }
        if (!(source instanceof Address.Plain plain)
                || topology.queue(plain.name()).isPresent()) {
            return null;
        }
        String name = plain.name();
        if (topology.exchange(name).isPresent()) {
            return new Address.Exchange(name, null);
        }
        int slash = name.indexOf('/');
        return slash < 0 || topology.exchange(name.substring(0, slash)).isEmpty()
                ? null
                : new Address.Exchange(name.substring(0, slash), name.substring(slash + 1));
    }

    private static LinkError invalid(String text) {
        return new LinkError(AmqpError.INVALID_FIELD, text, INFO);
    }

    /** All of several filters. Immutable. */
    private record All(List<MessageFilter> filters) implements MessageFilter {

        All {
            filters = List.copyOf(filters);
        }

        @Override
        public boolean matches(Message message, Overlay overlay) {
            for (int i = 0; i < filters.size(); i++) {
                if (!filters.get(i).matches(message, overlay)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public @Nullable Key key() {
            for (MessageFilter filter : filters) {
                Key key = filter.key();
                if (key != null) {
                    return key;
                }
            }
            return null;
        }
    }

    /** What was found so far. Used once. */
    private static final class Found {

        private final Map<Symbol, Object> effective = new LinkedHashMap<>();
        private final List<MessageFilter> filters = new ArrayList<>();
        private final @Nullable Topology topology;
        private final LongSupplier clock;
        private Address source;
        private boolean noLocal;
        private boolean bound;
        private boolean sql;
        private boolean properties;

        Found(Address source, @Nullable Topology topology, LongSupplier clock) {
            this.source = source;
            this.topology = topology;
            this.clock = clock;
        }

        void add(Symbol name, @Nullable Object sent) {
            Object descriptor = sent instanceof DescribedType type ? type.getDescriptor() : name;
            Object value = sent instanceof DescribedType type ? type.getDescribed() : sent;
            FilterKind kind = FilterKind.of(descriptor);
            if (sent == null || kind == null) {
                return;
            }
            try {
                if (take(kind, value)) {
                    effective.put(name, sent);
                }
            } catch (FilterSyntaxException wrong) {
                throw invalid("filter '" + name + "': " + wrong.getMessage());
            } catch (ClassCastException wrongType) {
                throw invalid("the value of filter '" + name + "' must be a " + kind.type());
            }
        }

        /** Whether it works here. */
        private boolean take(FilterKind kind, @Nullable Object value) {
            switch (kind) {
                case SELECTOR -> filters.add(ExpressionFilter.selector(kind.text(value)));
                case SQL -> {
                    sql = true;
                    filters.add(ExpressionFilter.sql(kind.text(value), clock));
                }
                case PROPERTIES -> {
                    properties = true;
                    filters.add(PropertyFilters.properties(kind.map(value)));
                }
                case APPLICATION_PROPERTIES -> {
                    properties = true;
                    filters.add(PropertyFilters.applicationProperties(kind.map(value)));
                }
                case NO_LOCAL -> noLocal = true;
                case DIRECT_BINDING, TOPIC_BINDING, HEADERS_BINDING -> {
                    return bind(kind, value);
                }
            }
            return true;
        }

        /** The binding of an exchange's subscriber, if it is of the exchange's type and the first one. */
        private boolean bind(FilterKind kind, @Nullable Object value) {
            boolean headers = kind == FilterKind.HEADERS_BINDING;
            Map<?, ?> asked = headers ? kind.map(value) : Map.of();
            String key = headers ? "" : kind.text(value);
            ExchangeSpec exchange = exchange();
            if (bound || exchange == null || !exchange.type().equals(kind.exchangeType())) {
                return false;
            }
            bound = true;
            source = new Address.Exchange(exchange.name(), key, wanted(asked));
            return true;
        }

        /** The properties that a headers exchange compares. One left out would let in more than was asked for. */
        private static Map<String, Object> wanted(Map<?, ?> asked) {
            asked.forEach((name, value) -> {
                Object comparable = JdkValues.of(value);
                if (comparable == null || comparable instanceof byte[]) {
                    throw invalid("property '" + name + "' of the binding must have a value that can be compared: a"
                            + " string, a number or a boolean");
                }
            });
            return JdkValues.annotations(asked);
        }

        /** The exchange that messages come from; null for a queue. */
        private @Nullable ExchangeSpec exchange() {
            Topology all = topology;
            Address from = all == null ? null : exchangeOf(source, all);
            if (all == null || from == null) {
                return null;
            }
            String name = from instanceof Address.Topic topic ? topic.name() : ((Address.Exchange) from).name();
            return all.exchange(name).orElse(null);
        }

        Filters filters() {
            if (sql && properties) {
                throw invalid("an SQL filter must not stand beside a filter by properties: say all in one of them");
            }
            MessageFilter filter = switch (filters.size()) {
                case 0 -> MessageFilter.ALL;
                case 1 -> filters.get(0);
                default -> new All(filters);
            };
            return new Filters(Collections.unmodifiableMap(effective), source, filter, noLocal);
        }
    }
}
