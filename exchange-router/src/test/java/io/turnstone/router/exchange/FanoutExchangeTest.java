package io.turnstone.router.exchange;

import static io.turnstone.router.exchange.Routing.binding;
import static io.turnstone.router.exchange.Routing.queues;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.plugin.ExchangeType.Routes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A fanout exchange")
class FanoutExchangeTest {

    private final Routes none = new FanoutExchange().create(ExchangeSpec.of("x", "fanout"));

    @Test
    void routesToEveryBindingWhateverTheKey() {
        Routes routes = none.with(binding("a", "q1")).with(binding("", "q2"));

        assertThat(queues(routes, "anything")).containsExactly("q1", "q2");
        assertThat(queues(routes, "")).containsExactly("q1", "q2");
    }

    @Test
    void forgetsABinding() {
        Routes routes = none.with(binding("a", "q1")).with(binding("b", "q1")).with(binding("", "q2"));

        assertThat(queues(routes.without(binding("a", "q1")), "")).containsExactly("q1", "q2");
        assertThat(queues(routes.without(binding("", "q2")), "")).containsExactly("q1");
    }
}
