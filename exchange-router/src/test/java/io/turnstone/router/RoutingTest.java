package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.Message;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Routing")
class RoutingTest {

    private final TestBroker broker = TestBroker.on(2);

    @Test
    void bringsAMessageThroughTheDefaultExchangeToTheQueueOfThatName() {
        broker.queue("q");
        var in = broker.toQueue("q");

        assertThat(in.outcome(TestMessage.durable("a"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(TestMessage.fleeting("b"))).isEqualTo(PublishOutcome.ACCEPTED);

        var out = broker.out(new Address.Queue("q", false)).credit(10);
        assertThat(out.texts()).containsExactly("a", "b");
        assertThat(out.deliveries.get(0).overlay().exchange()).isEmpty();
        assertThat(out.deliveries.get(0).overlay().routingKey()).isEqualTo("q");
    }

    @Test
    void bringsAMessageOnceToAQueueBoundTwice() {
        broker.exchange("x", "topic").queue("q").bind("x", "q", "a.*").bind("x", "q", "#");

        broker.toExchange("x", "a.b").outcome(TestMessage.durable("m"));

        assertThat(broker.drain("q")).containsExactly("m");
    }

    @Test
    void tellsExchangeAndKeyToTheConsumer() {
        broker.exchange("x", "topic").queue("q").bind("x", "q", "#");
        broker.toExchange("x", null).outcome(TestMessage.durable("m").withSubject("order.paid"));

        var out = broker.out(new Address.Queue("q", false)).credit(1);

        assertThat(out.deliveries.get(0).overlay().exchange()).isEqualTo("x");
        assertThat(out.deliveries.get(0).overlay().routingKey()).isEqualTo("order.paid");
    }

    @Test
    void followsBindingsBetweenExchangesAndEndsCycles() {
        broker.exchange("a", "fanout").exchange("b", "topic").exchange("c", "fanout");
        broker.queue("q1").queue("q2");
        broker.bindExchange("a", "b", "").bindExchange("b", "c", "k.#").bindExchange("c", "a", "");
        broker.bind("b", "q1", "k.#").bind("c", "q2", "").bind("a", "q2", "");

        assertThat(broker.toExchange("a", "k.1").outcome(TestMessage.durable("m")))
                .isEqualTo(PublishOutcome.ACCEPTED);

        assertThat(broker.drain("q1")).containsExactly("m");
        assertThat(broker.drain("q2")).containsExactly("m");
    }

    @Test
    void releasesWhatNobodyWantsAndCountsIt() {
        broker.exchange("x", "direct").queue("q").bind("x", "q", "a");

        var in = broker.toExchange("x", null);
        assertThat(in.outcome(TestMessage.durable("m").withSubject("b"))).isEqualTo(PublishOutcome.UNROUTABLE);
        assertThat(in.outcome(TestMessage.durable("m").withSubject("a"))).isEqualTo(PublishOutcome.ACCEPTED);
        in.sendSettled(TestMessage.fleeting("m").withSubject("b"));

        assertThat(broker.core.exchangeStatus()).contains(new ExchangeStatus("x", 3, 2));
    }

    @Test
    void followsAlternatesWhenNothingMatches() {
        broker.exchange("last", "fanout")
                .exchange(new ExchangeSpec("second", "direct", true, false, false, "last", Map.of()))
                .exchange(new ExchangeSpec("x", "direct", true, false, false, "second", Map.of()))
                .queue("q")
                .queue("rest")
                .bind("x", "q", "a")
                .bind("last", "rest", "");

        broker.toExchange("x", "a").outcome(TestMessage.durable("wanted"));
        broker.toExchange("x", "b").outcome(TestMessage.durable("left over"));

        assertThat(broker.drain("q")).containsExactly("wanted");
        assertThat(broker.drain("rest")).containsExactly("left over");
        assertThat(broker.core.exchangeStatus())
                .contains(new ExchangeStatus("x", 2, 0), new ExchangeStatus("last", 1, 0));
    }

    @Test
    void endsACycleOfAlternates() {
        broker.exchange(new ExchangeSpec("x", "direct", true, false, false, "x", Map.of()));

        assertThat(broker.toExchange("x", "a").outcome(TestMessage.durable("m")))
                .isEqualTo(PublishOutcome.UNROUTABLE);
    }

    @Test
    void seesANewBindingWithTheNextMessage() {
        broker.exchange("x", "direct").queue("q");
        var in = broker.toExchange("x", "a");
        assertThat(in.outcome(TestMessage.durable("1"))).isEqualTo(PublishOutcome.UNROUTABLE);

        broker.bind("x", "q", "a");
        assertThat(in.outcome(TestMessage.durable("2"))).isEqualTo(PublishOutcome.ACCEPTED);

        broker.get(broker.core.topology().unbind(new Binding("x", "q", false, "a", Map.of())));
        assertThat(in.outcome(TestMessage.durable("3"))).isEqualTo(PublishOutcome.UNROUTABLE);
        assertThat(broker.drain("q")).containsExactly("2");
    }

    @Test
    void keepsRememberedRoutesWhenAReplyQueueComesAndGoes() {
        broker.exchange("x", "fanout").queue("q").bind("x", "q", "");
        var before = broker.core.state().snapshot();

        var reply = broker.out(new Address.Dynamic("amq.dyn-1"));
        assertThat(broker.has("amq.dyn-1")).isTrue();
        reply.close();

        assertThat(broker.has("amq.dyn-1")).isFalse();
        assertThat(broker.core.state().snapshot()).isSameAs(before);
    }

    @Test
    void routesByHeaders() {
        broker.exchange("x", "headers").queue("q");
        broker.get(
                broker.core.topology().bind(new Binding("x", "q", false, "", Map.of("kind", "order")), Owner.CLIENT));
        var in = broker.toExchange("x", null);

        in.send(TestMessage.durable("1").withProperties(Map.of("kind", "order")));
        in.send(TestMessage.durable("2").withProperties(Map.of("kind", "bill")));

        assertThat(broker.drain("q")).containsExactly("1");
        assertThat(in.outcomes).contains(PublishOutcome.UNROUTABLE);
    }

    @Test
    void resolvesPlainNamesToQueueThenExchangeThenExchangeAndKey() {
        broker.exchange("x", "direct")
                .queue("both")
                .exchange("both", "fanout")
                .queue("x/slash")
                .queue("keyed");
        broker.bind("x", "keyed", "a/b");

        broker.in(new Address.Plain("both")).outcome(TestMessage.durable("1"));
        broker.in(new Address.Plain("x/slash")).outcome(TestMessage.durable("2"));
        broker.in(new Address.Plain("x/a/b")).outcome(TestMessage.durable("3"));
        broker.in(new Address.Plain("x")).outcome(TestMessage.durable("4").withSubject("a/b"));

        assertThat(broker.drain("both")).containsExactly("1");
        assertThat(broker.drain("x/slash")).containsExactly("2");
        assertThat(broker.drain("keyed")).containsExactly("3", "4");
    }

    @Test
    void resolvesEachMessageOfAnAnonymousPublisherAndMakesNothing() {
        broker.exchange("x", "direct").queue("q").bind("x", "q", "k");
        var in = broker.in(new Address.Anonymous());

        assertThat(in.outcome(new Address.Queue("q", true), TestMessage.durable("1")))
                .isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(new Address.Exchange("x", "k"), TestMessage.durable("2")))
                .isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(new Address.Plain("x/k"), TestMessage.durable("3")))
                .isEqualTo(PublishOutcome.ACCEPTED);

        var refused = (PublishOutcome.Refused) in.outcome(new Address.Plain("absent"), TestMessage.durable("4"));
        assertThat(refused.refusal().condition()).isEqualTo(Condition.NOT_FOUND);
        assertThat(refused.refusal().description()).isEqualTo("no queue 'absent'");
        assertThat(broker.has("absent")).isFalse();
        assertThat(broker.drain("q")).containsExactly("1", "2", "3");
    }

    @Test
    void makesAQueueForAPlainNameIfItMay() {
        assertThat(broker.in(new Address.Plain("new")).outcome(TestMessage.durable("1")))
                .isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(broker.drain("new")).containsExactly("1");
        var refusal = broker.refusal(() -> open(broker, new Address.Queue("other", false)));
        assertThat(refusal.description()).isEqualTo("no queue 'other'");
        var strict = TestBroker.on(1, s -> Changed.from(s).strict().settings());
        assertThat(strict.refusal(() -> open(strict, new Address.Plain("new"))).condition())
                .isEqualTo(Condition.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void makesAQueueWhereTheLinkIs(int loop) {
        for (String name : List.of("a", "b", "c")) {
            broker.in(loop, new Address.Plain(name), TestBroker.ALICE);
            var made = Objects.requireNonNull(broker.core.state().queue(name));
            assertThat(made.queue().home().index()).isEqualTo(loop);
        }
    }

    @Test
    void makesNoQueueForAKeyOfAnExchangeThatIsMissing() {
        var refusal = broker.refusal(() -> open(broker, new Address.Plain("nope/a/b")));
        assertThat(refusal.condition()).isEqualTo(Condition.NOT_FOUND);
        assertThat(refusal.description()).isEqualTo("no exchange 'nope'");
        assertThat(refusal.info()).isEqualTo(Map.of("exchange", "nope"));
        assertThatThrownBy(() -> broker.out(new Address.Plain("nope/k")))
                .isInstanceOf(RefusedException.class)
                .hasMessage("no exchange 'nope'");

        var in = broker.in(new Address.Anonymous());
        var refused = (PublishOutcome.Refused) in.outcome(new Address.Plain("nope/k"), TestMessage.durable("1"));
        assertThat(refused.refusal().description()).isEqualTo("no exchange 'nope'");
        assertThat(broker.core.topology().queues()).isEmpty();

        broker.queue("nope/k");
        broker.in(new Address.Plain("nope/k")).outcome(TestMessage.durable("2"));
        assertThat(broker.out(new Address.Plain("nope/k")).credit(1).texts()).containsExactly("2");
    }

    @Test
    void takesNothingForAnInternalExchangeFromPublishers() {
        broker.exchange(new ExchangeSpec("inner", "fanout", true, false, true, null, Map.of()))
                .exchange("outer", "fanout")
                .queue("q")
                .bindExchange("outer", "inner", "")
                .bind("inner", "q", "");

        assertThat(broker.refusal(() -> open(broker, new Address.Exchange("inner", "k")))
                        .condition())
                .isEqualTo(Condition.UNAUTHORIZED);
        broker.toExchange("outer", "k").outcome(TestMessage.durable("1"));
        assertThat(broker.drain("q")).containsExactly("1");
    }

    private static CompletionStage<?> open(TestBroker broker, Address address) {
        var stage = new ArrayList<CompletionStage<?>>();
        broker.loops[0].within(() -> stage.add(
                broker.core.openPublisher(address, TestBroker.ALICE, broker.loops[0], new NoPublisherListener())));
        return stage.get(0);
    }

    @Test
    void goesOnWhenAnExchangeTypeFails() {
        ExchangeType broken = new ExchangeType() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public Routes create(ExchangeSpec spec) {
                return new BrokenRoutes();
            }
        };
        var other = TestBroker.on(
                1, s -> Changed.from(s).exchangeTypes(List.of(broken)).settings());
        other.exchange("rest", "fanout").queue("q").bind("rest", "q", "");
        other.exchange(new ExchangeSpec("x", "broken", true, false, false, "rest", Map.of()));

        assertThat(other.toExchange("x", "k").outcome(TestMessage.durable("1"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(other.drain("q")).containsExactly("1");
    }

    private record BrokenRoutes() implements ExchangeType.Routes {
        @Override
        public ExchangeType.Routes with(Binding binding) {
            return this;
        }

        @Override
        public ExchangeType.Routes without(Binding binding) {
            return this;
        }

        @Override
        public void route(Message message, String routingKey, Consumer<Binding> matched) {
            throw new IllegalStateException("a defect");
        }

        @Override
        public boolean byKeyAlone() {
            return true;
        }
    }
}
