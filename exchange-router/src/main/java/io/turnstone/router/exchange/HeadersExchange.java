package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Routes by application properties. A binding's arguments are the properties it wants; {@code x-match} says how many:
 * {@code all} (default) or {@code any}, which disregard arguments that start with {@code x-}, or {@code all-with-x} or
 * {@code any-with-x}, which do not. No wanted property at all: {@code all} takes every message, {@code any} none.
 * Immutable, any thread.
 */
final class HeadersExchange implements ExchangeType {

    @Override
    public String name() {
        return "headers";
    }

    @Override
    public Routes create(ExchangeSpec spec) {
        return new HeaderRoutes(PersistentMap.empty(), BindingSet.EMPTY);
    }

    /**
     * The bindings by one wanted property ({@code all}: it alone decides whether the rest is worth a look) or by each of
     * them ({@code any}: one suffices).
     *
     * @param byName the bindings by property and its value
     * @param always those that want nothing in particular
     */
    record HeaderRoutes(PersistentMap<String, PersistentMap<Object, BindingSet>> byName, BindingSet always)
            implements Routes {

        @Override
        public Routes with(Binding binding) {
            var wanted = Wanted.of(binding);
            if (wanted.any()) {
                var more = byName;
                for (var header : wanted.headers().entrySet()) {
                    more = more.with(header.getKey(), added(more, header.getKey(), header.getValue(), binding));
                }
                return new HeaderRoutes(more, always);
            }
            String name = wanted.indexed();
            if (name == null) {
                return new HeaderRoutes(byName, always.with(binding));
            }
            Object value = wanted.value(name);
            return new HeaderRoutes(byName.with(name, added(byName, name, value, binding)), always);
        }

        private static PersistentMap<Object, BindingSet> added(
                PersistentMap<String, PersistentMap<Object, BindingSet>> byName,
                String name,
                Object value,
                Binding binding) {
            var values = byName.get(name);
            return BindingSet.added(values == null ? PersistentMap.empty() : values, value, binding);
        }

        @Override
        public Routes without(Binding binding) {
            var less = byName;
            for (var header : Wanted.of(binding).headers().entrySet()) {
                var values = less.get(header.getKey());
                if (values != null) {
                    var left = BindingSet.removed(values, header.getValue(), binding);
                    less = left.isEmpty() ? less.without(header.getKey()) : less.with(header.getKey(), left);
                }
            }
            return new HeaderRoutes(less, always.without(binding));
        }

        @Override
        public void route(Message message, String routingKey, Consumer<Binding> matched) {
            walk(message, matched);
        }

        /** Matches, and answers how many bindings it looked at. */
        int walk(Message message, Consumer<Binding> matched) {
            always.forEach(matched);
            var walk = new Walk(message, matched);
            byName.forEach(walk::property);
            return walk.visited + always.size();
        }

        @Override
        public boolean byKeyAlone() {
            return false;
        }
    }

    /** One match of one message. */
    private static final class Walk {

        private final Message message;
        private final Consumer<Binding> matched;
        private int visited;

        Walk(Message message, Consumer<Binding> matched) {
            this.message = message;
            this.matched = matched;
        }

        void property(String name, PersistentMap<Object, BindingSet> byValue) {
            Object value = message.property(name);
            if (value == null) {
                return;
            }
            BindingSet candidates = byValue.get(HeaderValue.comparable(value));
            if (candidates != null) {
                candidates.forEach(this::candidate);
            }
        }

        private void candidate(Binding binding) {
            visited++;
            if (Wanted.isAny(binding) || matchesAll(binding)) {
                matched.accept(binding);
            }
        }

        private boolean matchesAll(Binding binding) {
            boolean withX = Wanted.isWithX(binding);
            for (var argument : binding.arguments().entrySet()) {
                if (Wanted.counts(argument.getKey(), withX) && !matches(argument.getKey(), argument.getValue())) {
                    return false;
                }
            }
            return true;
        }

        private boolean matches(String name, Object wanted) {
            @Nullable Object value = message.property(name);
            return value != null && HeaderValue.comparable(value).equals(HeaderValue.comparable(wanted));
        }
    }
}
