package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.router.exchange.TestMessage;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Permissions")
class PermissionTest {

    private final Set<String> allowed = new HashSet<>();
    private final TestBroker broker = TestBroker.on(
                    2,
                    s -> Changed.from(s)
                            .authorizer((identity, action, resource) ->
                                    allowed.contains(identity.name() + " " + action + " " + resource))
                            .settings())
            .queue("q")
            .exchange("x", "topic")
            .bind("x", "q", "#");

    private Refusal refused(Runnable opening) {
        try {
            opening.run();
        } catch (RefusedException e) {
            return e.refusal();
        }
        throw new AssertionError("not refused");
    }

    @Test
    void areAskedWhenAPublisherOpens() {
        var refusal = refused(() -> broker.toQueue("q"));
        assertThat(refusal.condition()).isEqualTo(Condition.UNAUTHORIZED);
        assertThat(refusal.description()).isEqualTo("user 'alice' may not publish /queues/q");

        allowed.add("alice PUBLISH /queues/q");
        broker.toQueue("q");
        assertThat(refused(() -> broker.toExchange("x", "k")).description())
                .isEqualTo("user 'alice' may not publish /exchanges/x/k");
        allowed.add("alice PUBLISH /exchanges/x/k");
        broker.toExchange("x", "k");
    }

    @Test
    void areAskedPerMessageWhereTheMessageSaysWhereTo() {
        allowed.add("alice PUBLISH /exchanges/x/a");
        allowed.add("alice PUBLISH /queues/q");

        var in = broker.in(new Address.Anonymous());
        assertThat(in.outcome(new Address.Queue("q", false), TestMessage.durable("1")))
                .isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(new Address.Exchange("x", "a"), TestMessage.durable("2")))
                .isEqualTo(PublishOutcome.ACCEPTED);
        assertUnauthorized(in.outcome(new Address.Exchange("x", "b"), TestMessage.durable("3")));

        var bySubject = broker.toExchange("x", null);
        assertThat(bySubject.outcome(TestMessage.durable("4").withSubject("a"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertUnauthorized(bySubject.outcome(TestMessage.durable("5").withSubject("b")));
    }

    private static void assertUnauthorized(PublishOutcome outcome) {
        assertThat(((PublishOutcome.Refused) outcome).refusal().condition()).isEqualTo(Condition.UNAUTHORIZED);
    }

    @Test
    void areAskedWhenAConsumerOpens() {
        assertThat(refused(() -> broker.out(new Address.Queue("q", false))).description())
                .isEqualTo("user 'alice' may not consume /queues/q");
        allowed.add("alice CONSUME /queues/q");
        broker.out(new Address.Queue("q", false));

        assertThat(refused(() -> broker.out(new Address.Exchange("x", "a.#"))).description())
                .isEqualTo("user 'alice' may not consume /exchanges/x/a.#");
    }

    @Test
    void areAskedBeforeAQueueIsMade() {
        allowed.add("alice PUBLISH /queues/new");

        assertThat(refused(() -> broker.in(new Address.Plain("new"))).description())
                .isEqualTo("user 'alice' may not declare /queues/new");
        assertThat(broker.has("new")).isFalse();
        allowed.add("alice DECLARE /queues/new");
        broker.in(new Address.Plain("new"));
        assertThat(broker.has("new")).isTrue();
    }
}
