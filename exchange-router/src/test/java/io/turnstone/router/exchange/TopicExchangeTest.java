package io.turnstone.router.exchange;

import static io.turnstone.router.exchange.Routing.binding;
import static io.turnstone.router.exchange.Routing.queues;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.plugin.ExchangeType.Routes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A topic exchange")
class TopicExchangeTest {

    private final Routes none = new TopicExchange().create(ExchangeSpec.of("x", "topic"));

    @ParameterizedTest(name = "{0} matches {1}: {2}")
    @CsvSource({
        "orders.*, orders.paid,       true",
        "orders.*, orders,            false",
        "orders.*, orders.eu.paid,    false",
        "orders.*, orders.,           true",
        "orders.#, orders,            true",
        "orders.#, orders.paid,       true",
        "orders.#, orders.eu.paid,    true",
        "orders.#, order,             false",
        "#.paid,   paid,              true",
        "#.paid,   orders.eu.paid,    true",
        "#.paid,   orders.paid.eu,    false",
        "a.#.z,    a.z,               true",
        "a.#.z,    a.b.c.z,           true",
        "a.#.z,    a.b.c,             false",
        "a.#.z.#,  a.z.z.y,           true",
        "#.#,      '',                true",
        "#,        '',                true",
        "#,        a.b.c,             true",
        "*,        a,                 true",
        "*,        '',                false",
        "*.*,      a,                 false",
        "*.*,      .,                 true",
        "#.*,      a,                 true",
        "#.*,      '',                false",
        "*.#,      a.b,               true",
        "'',       '',                true",
        "'',       a,                 false",
        "a..b,     a..b,              true",
        "a.*.b,    a..b,              true",
        "a#,       a#,                true",
        "a#,       ab,                false",
        "#.a.#.b.#, x.a.y.y.b,        true",
        "#.a.#.b.#, x.b.y.y.a,        false",
        "AaAa,     BBBB,              false",
    })
    void matchesWordByWord(String pattern, String routingKey, boolean matches) {
        Routes routes = none.with(binding(pattern, "q"));

        assertThat(queues(routes, routingKey)).isEqualTo(matches ? Set.of("q") : Set.of());
        assertThat(matches(pattern, routingKey)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void matchesAsANaiveMatcherDoes(long seed) {
        var random = new Random(seed);
        var bindings = new LinkedHashSet<Binding>();
        Routes routes = none;
        for (int step = 0; step < 600; step++) {
            if (random.nextInt(4) == 0 && !bindings.isEmpty()) {
                var gone = List.copyOf(bindings).get(random.nextInt(bindings.size()));
                bindings.remove(gone);
                routes = routes.without(gone);
            } else {
                var added = binding(words(random, "a", "b", "", "*", "#", "#"), "q" + random.nextInt(40));
                if (bindings.add(added)) {
                    routes = routes.with(added);
                }
            }
            String key = words(random, "a", "b", "c", "");
            var expected = new TreeSet<String>();
            for (Binding binding : bindings) {
                if (matches(binding.key(), key)) {
                    expected.add(binding.destination());
                }
            }
            assertThat(queues(routes, key))
                    .as("key '%s' among %s", key, bindings)
                    .isEqualTo(expected);
        }
        for (Binding binding : bindings) {
            routes = routes.without(binding);
        }
        assertThat(routes).isEqualTo(none);
    }

    @Test
    void looksAtAsManyNodesAsTheKeyHasWordsAmong100000Bindings() {
        var few = (TopicExchange.TopicRoutes) bound(100);
        var many = (TopicExchange.TopicRoutes) bound(100_000);

        for (String key : List.of("region7.shop42.order9.paid", "region7.shop42.unknown", "elsewhere", "a.b.c.d.e.f")) {
            var matched = new ArrayList<Binding>();
            int visited = many.walk(key, matched::add);
            assertThat(visited).as(key).isEqualTo(few.walk(key, binding -> {}));
            assertThat(visited).as(key).isLessThanOrEqualTo(12);
        }
        assertThat(queues(many, "region7.shop42.order9.paid")).containsExactly("audit", "q742", "watch7");
    }

    /** One exact pattern per shop, among a few with wildcards. */
    private Routes bound(int bindings) {
        Routes routes = none.with(binding("#.paid", "audit"));
        for (int region = 0; region < 10; region++) {
            routes = routes.with(binding("region" + region + ".#", "watch" + region));
        }
        routes = routes.with(binding("region7.shop42.*.paid", "q742"));
        for (int i = 0; i < bindings; i++) {
            routes = routes.with(binding("region" + i % 10 + ".shop" + (1000 + i) + ".*.paid", "shop" + i));
        }
        return routes;
    }

    @Test
    void doesNotGrowByAPowerWithEachHash() {
        Routes routes = none.with(binding("#.a.#.a.#.a.#.a.#.a.#.a.#.b", "q"));
        String key = "a.".repeat(199) + "a";

        int visited = ((TopicExchange.TopicRoutes) routes).walk(key, binding -> {});

        assertThat(visited).isLessThan(200 * 16);
    }

    @Test
    void refusesMoreHashesOrWordsThanItsBounds() {
        assertThatThrownBy(() -> none.with(binding("#.a.#.a.#.a.#.a.#.a.#.a.#.a.#.a.#", "q")))
                .hasMessage("binding key '#.a.#.a.#.a.#.a.#.a.#.a.#.a.#.a.#' has 9 '#'; at most 8 are allowed");
        assertThatThrownBy(() -> none.with(binding(".".repeat(128), "q")))
                .hasMessageContaining("has 129 words; at most 128 are allowed");
    }

    private static String words(Random random, String... words) {
        int count = random.nextInt(6);
        var key = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            key.add(words[random.nextInt(words.length)]);
        }
        return String.join(".", key);
    }

    private static boolean matches(String pattern, String key) {
        return matches(split(pattern), split(key));
    }

    private static List<String> split(String key) {
        return key.isEmpty() ? List.of() : List.of(key.split("\\.", -1));
    }

    private static boolean matches(List<String> pattern, List<String> key) {
        if (pattern.isEmpty()) {
            return key.isEmpty();
        }
        var rest = pattern.subList(1, pattern.size());
        if (pattern.get(0).equals("#")) {
            return matches(rest, key) || (!key.isEmpty() && matches(pattern, key.subList(1, key.size())));
        }
        return !key.isEmpty()
                && (pattern.get(0).equals("*") || pattern.get(0).equals(key.get(0)))
                && matches(rest, key.subList(1, key.size()));
    }
}
