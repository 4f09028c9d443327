package io.turnstone.router.exchange;

import static io.turnstone.router.exchange.Routing.binding;
import static io.turnstone.router.exchange.Routing.queues;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.plugin.ExchangeType.Routes;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A headers exchange")
class HeadersExchangeTest {

    private final Routes none = new HeadersExchange().create(ExchangeSpec.of("x", "headers"));

    static List<Arguments> matches() {
        return List.of(
                Arguments.of(Map.of("x-match", "all", "a", 1, "b", "x"), Map.of("a", 1L, "b", "x", "c", 1), true),
                Arguments.of(Map.of("x-match", "all", "a", 1, "b", "x"), Map.of("a", 1), false),
                Arguments.of(Map.of("a", 1, "b", "x"), Map.of("a", (byte) 1, "b", "x"), true),
                Arguments.of(Map.of("x-match", "any", "a", 1, "b", "x"), Map.of("b", "x"), true),
                Arguments.of(Map.of("x-match", "any", "a", 1, "b", "x"), Map.of("a", 2, "b", "y"), false),
                Arguments.of(Map.of("x-match", "all"), Map.of(), true),
                Arguments.of(Map.of("x-match", "any"), Map.of("a", 1), false),
                Arguments.of(Map.of(), Map.of("a", 1), true),
                Arguments.of(Map.of("x-match", "all", "x-a", 1), Map.of(), true),
                Arguments.of(Map.of("x-match", "all-with-x", "x-a", 1), Map.of(), false),
                Arguments.of(Map.of("x-match", "all-with-x", "x-a", 1), Map.of("x-a", 1), true),
                Arguments.of(Map.of("x-match", "any", "x-a", 1), Map.of("x-a", 1), false),
                Arguments.of(Map.of("x-match", "any-with-x", "x-a", 1), Map.of("x-a", 1), true),
                Arguments.of(Map.of("a", "1"), Map.of("a", 1), false),
                Arguments.of(Map.of("a", 1.5f), Map.of("a", 1.5), true),
                Arguments.of(Map.of("a", 2.0), Map.of("a", 2), true),
                Arguments.of(Map.of("a", true), Map.of("a", true), true),
                Arguments.of(Map.of("a", new byte[] {1, 2}), Map.of("a", new byte[] {1, 2}), true));
    }

    @ParameterizedTest(name = "{0} matches {1}: {2}")
    @MethodSource
    void matches(Map<String, Object> wanted, Map<String, Object> properties, boolean matches) {
        var bound = binding("", "q", wanted);
        Routes routes = none.with(bound);
        var message = TestMessage.fleeting("").withProperties(properties);

        assertThat(queues(routes, message, "")).hasSize(matches ? 1 : 0);
        assertThat(queues(routes.without(bound), message, "")).isEmpty();
    }

    @Test
    void refusesAnUnknownMatch() {
        assertThatThrownBy(() -> none.with(binding("", "q", Map.of("x-match", "some"))))
                .hasMessage(
                        "binding of exchange 'x' to 'q': x-match 'some' must be all, any, all-with-x or any-with-x");
    }

    @Test
    void looksOnlyAtBindingsThatShareAValue() {
        Routes routes = none;
        for (int i = 0; i < 1_000; i++) {
            routes = routes.with(binding("", "q" + i, Map.of("customer", i, "kind", "order")));
        }
        var message = TestMessage.fleeting("").withProperties(Map.of("customer", 7, "kind", "order"));

        assertThat(queues(routes, message, "")).containsExactly("q7");
        assertThat(((HeadersExchange.HeaderRoutes) routes).walk(message, binding -> {}))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void matchesAsANaiveMatcherDoes(long seed) {
        var random = new Random(seed);
        var bindings = new LinkedHashSet<Binding>();
        Routes routes = none;
        for (int step = 0; step < 500; step++) {
            if (random.nextInt(4) == 0 && !bindings.isEmpty()) {
                var gone = List.copyOf(bindings).get(random.nextInt(bindings.size()));
                bindings.remove(gone);
                routes = routes.without(gone);
            } else {
                var wanted = headers(random);
                wanted.put(
                        "x-match",
                        List.of("all", "any", "all-with-x", "any-with-x").get(random.nextInt(4)));
                var added = binding("", "q" + random.nextInt(50), wanted);
                if (bindings.add(added)) {
                    routes = routes.with(added);
                }
            }
            var properties = headers(random);
            var expected = new TreeSet<String>();
            for (Binding binding : bindings) {
                if (matches(binding.arguments(), properties)) {
                    expected.add(binding.destination());
                }
            }
            var message = TestMessage.fleeting("").withProperties(properties);
            assertThat(queues(routes, message, "")).isEqualTo(expected);
        }
        for (Binding binding : bindings) {
            routes = routes.without(binding);
        }
        assertThat(queues(routes, TestMessage.fleeting("").withProperties(headers(random)), ""))
                .isEmpty();
    }

    private static Map<String, Object> headers(Random random) {
        var headers = new HashMap<String, Object>();
        for (String name : List.of("a", "b", "c", "x-d")) {
            if (random.nextBoolean()) {
                headers.put(name, random.nextInt(2));
            }
        }
        return headers;
    }

    private static boolean matches(Map<String, Object> wanted, Map<String, Object> properties) {
        String match = (String) wanted.get("x-match");
        int count = 0;
        int same = 0;
        for (var header : wanted.entrySet()) {
            String name = header.getKey();
            if (!name.equals("x-match") && (match.endsWith("with-x") || !name.startsWith("x-"))) {
                count++;
                same += header.getValue().equals(properties.get(name)) ? 1 : 0;
            }
        }
        return match.startsWith("all") ? same == count : same > 0;
    }
}
