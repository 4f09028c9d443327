package io.turnstone.router.exchange;

import static io.turnstone.router.exchange.Routing.binding;
import static io.turnstone.router.exchange.Routing.queues;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.plugin.ExchangeType.Routes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A direct exchange")
class DirectExchangeTest {

    private final Routes none = new DirectExchange().create(ExchangeSpec.of("x", "direct"));

    @Test
    void routesToTheBindingsOfExactlyThatKey() {
        Routes routes = none.with(binding("a", "q1")).with(binding("a", "q2")).with(binding("b", "q3"));

        assertThat(queues(routes, "a")).containsExactly("q1", "q2");
        assertThat(queues(routes, "b")).containsExactly("q3");
        assertThat(queues(routes, "a.b")).isEmpty();
        assertThat(queues(routes, "")).isEmpty();
    }

    @Test
    void forgetsABinding() {
        Routes routes = none.with(binding("a", "q1")).with(binding("a", "q2"));

        assertThat(queues(routes.without(binding("a", "q1")), "a")).containsExactly("q2");
        assertThat(queues(routes, "a")).containsExactly("q1", "q2");
    }

    @Test
    void dependsOnTheKeyAlone() {
        assertThat(none.byKeyAlone()).isTrue();
    }
}
