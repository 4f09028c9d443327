package io.turnstone.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.turnstone.api.Binding;
import io.turnstone.api.Body;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.plugin.ExchangeType.Routes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A consistent-hash exchange")
class ConsistentHashExchangeTest {

    private static final int KEYS = 20_000;

    private final Routes empty = routes(Map.of());

    @Test
    void sendsEachMessageToOneBinding() {
        Routes routes = bound(empty, "a:1", "b:1", "c:1");

        for (int i = 0; i < 1000; i++) {
            assertThat(destinations(routes, "key-" + i)).hasSize(1);
        }
    }

    @Test
    void sendsNothingAnywhereWithoutBindings() {
        assertThat(destinations(empty, "key")).isEmpty();
    }

    @Test
    void sharesKeysInProportionToTheWeights() {
        Map<String, Integer> counts = counts(bound(empty, "a:1", "b:2", "c:5"));

        assertThat(counts.get("a") / (double) KEYS).isCloseTo(1 / 8.0, within(0.02));
        assertThat(counts.get("b") / (double) KEYS).isCloseTo(2 / 8.0, within(0.02));
        assertThat(counts.get("c") / (double) KEYS).isCloseTo(5 / 8.0, within(0.02));
    }

    @Test
    void movesOnlyTheKeysThatANewBindingGains() {
        Routes before = bound(empty, "a:1", "b:1", "c:1");
        Routes after = bound(before, "d:1");

        for (int i = 0; i < KEYS; i++) {
            String old = destinations(before, "key-" + i).get(0);
            assertThat(destinations(after, "key-" + i).get(0)).isIn(old, "d");
        }
    }

    @Test
    void movesOnlyTheKeysThatALeavingBindingLoses() {
        Routes before = bound(empty, "a:1", "b:1", "c:1");
        Routes after = before.without(binding("b:1"));

        for (int i = 0; i < KEYS; i++) {
            String old = destinations(before, "key-" + i).get(0);
            String now = destinations(after, "key-" + i).get(0);
            assertThat(now).isNotEqualTo("b");
            assertThat(old).isIn(now, "b");
        }
    }

    /** These choices were made by the first release; queues hold keys by them. */
    @Test
    void choosesAsEveryReleaseDid() {
        Routes routes = bound(empty, "a:1", "b:1", "c:1");

        assertThat(destinations(routes, "order-1")).containsExactly("c");
        assertThat(destinations(routes, "order-2")).containsExactly("c");
        assertThat(destinations(routes, "")).containsExactly("b");
    }

    @Test
    void hashesAnApplicationPropertyWhenAsked() {
        Routes routes = bound(routes(Map.of("hash-header", "customer")), "a:1", "b:1", "c:1", "d:1");

        assertThat(routes.byKeyAlone()).isFalse();
        var all = new HashMap<String, Integer>();
        for (int i = 0; i < 100; i++) {
            String chosen =
                    destinations(routes, "ignored-" + i, Map.of("customer", 7L)).get(0);
            all.merge(chosen, 1, Integer::sum);
        }
        assertThat(all).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1001", "heavy"})
    void refusesAKeyThatIsNoWeight(String key) {
        assertThatThrownBy(() -> empty.with(new Binding("x", "a", false, key, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binding of 'a' to 'x': key '" + key + "' must be its weight, 1 to 1000");
    }

    @Test
    void refusesAnArgumentItDoesNotKnow() {
        assertThatThrownBy(() -> routes(Map.of("hash-heder", "customer")))
                .hasMessageContaining("unknown argument 'hash-heder'")
                .hasMessageContaining("hash-header");
    }

    private static Routes routes(Map<String, Object> arguments) {
        return new ConsistentHashExchange()
                .create(new ExchangeSpec("x", "consistent-hash", true, false, false, null, arguments));
    }

    private static Routes bound(Routes routes, String... bindings) {
        Routes all = routes;
        for (String binding : bindings) {
            all = all.with(binding(binding));
        }
        return all;
    }

    private static Binding binding(String destinationAndWeight) {
        String[] parts = destinationAndWeight.split(":");
        return new Binding("x", parts[0], false, parts[1], Map.of());
    }

    private static Map<String, Integer> counts(Routes routes) {
        var counts = new HashMap<String, Integer>();
        for (int i = 0; i < KEYS; i++) {
            counts.merge(destinations(routes, "key-" + i).get(0), 1, Integer::sum);
        }
        return counts;
    }

    private static ArrayList<String> destinations(Routes routes, String key) {
        return destinations(routes, key, Map.of());
    }

    private static ArrayList<String> destinations(Routes routes, String key, Map<String, Object> properties) {
        var found = new ArrayList<String>();
        routes.route(new Keyed(properties), key, binding -> found.add(binding.destination()));
        return found;
    }

    /** A message of which only the application properties matter. */
    private record Keyed(Map<String, Object> properties) implements Message {
        @Override
        public MessageFormat format() {
            throw new AssertionError("an exchange does not look at the encoding");
        }

        @Override
        public Body body() {
            return Body.Inline.of(new byte[0]);
        }

        @Override
        public boolean durable() {
            return false;
        }

        @Override
        public int priority() {
            return DEFAULT_PRIORITY;
        }

        @Override
        public long ttlMs() {
            return NONE;
        }

        @Override
        public long expiresAtMs() {
            return NONE;
        }

        @Override
        public int priorDeliveries() {
            return 0;
        }

        @Override
        public @Nullable String subject() {
            return null;
        }

        @Override
        public @Nullable String to() {
            return null;
        }

        @Override
        public @Nullable Object property(String name) {
            return properties.get(name);
        }
    }
}
