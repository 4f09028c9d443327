package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.exchange.TestMessage;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The lifetime of a queue")
class QueueLifetimeTest {

    private final TestBroker broker = TestBroker.on(2);

    @Test
    void endsWithTheConnectionThatOwnsItExclusively() {
        var spec = QueueSpec.named("mine").exclusive(true).build();
        broker.get(broker.core.topology().declareQueue(spec, TestBroker.ALICE));
        broker.get(broker.core.topology().declareQueue(spec, TestBroker.ALICE));
        broker.out(1, new Address.Queue("mine", false), TestBroker.ALICE);

        var locked = broker.refusal(() -> broker.core.topology().declareQueue(spec, TestBroker.BOB));
        assertThat(locked.condition()).isEqualTo(Condition.RESOURCE_LOCKED);
        assertThat(locked.description()).contains("cannot obtain exclusive access to locked queue 'mine'");
        assertThatThrownBy(() -> broker.out(1, new Address.Queue("mine", false), TestBroker.BOB))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().condition()).isEqualTo(Condition.RESOURCE_LOCKED));
        var nobody = broker.refusal(() -> broker.core
                .topology()
                .declareQueue(QueueSpec.named("whose").exclusive(true).build(), Owner.CLIENT));
        assertThat(nobody.condition()).isEqualTo(Condition.INVALID);

        broker.core.disconnected(TestBroker.BOB);
        assertThat(broker.has("mine")).isTrue();
        assertThat(broker.afterCrash().has("mine")).isFalse();
        broker.core.disconnected(TestBroker.ALICE);
        assertThat(broker.has("mine")).isFalse();
    }

    @Test
    void endsWithItsLastConsumerWhenAutoDelete() {
        broker.queue(QueueSpec.named("q").autoDelete(true).build());
        var one = broker.out(new Address.Queue("q", false));
        var other = broker.out(0, new Address.Queue("q", false), TestBroker.BOB);

        one.close();
        assertThat(broker.has("q")).isTrue();
        other.close();
        assertThat(broker.has("q")).isFalse();
    }

    @Test
    void endsWhenItWasIdleForSoLong() {
        broker.queue(QueueSpec.named("q").expiresMs(10_000).build());
        broker.advance(6_000);
        broker.queue(QueueSpec.named("q").expiresMs(10_000).build());
        broker.advance(6_000);
        assertThat(broker.has("q")).isTrue();

        var out = broker.out(new Address.Queue("q", false));
        broker.advance(60_000);
        assertThat(broker.has("q")).isTrue();
        out.close();
        broker.advance(12_000);
        assertThat(broker.has("q")).isFalse();
    }

    @Test
    void goesByTheTimeThatPassesWhateverTheClockSays() {
        broker.queue(QueueSpec.named("q").expiresMs(10_000).build());
        broker.loops[0].clock().set(3_600_000);
        broker.advance(6_000);
        assertThat(broker.has("q")).isTrue();
        broker.loops[0].clock().set(-7_200_000);
        broker.advance(6_000);
        assertThat(broker.has("q")).isFalse();
    }

    @Test
    void isThatOfTheLinkThatAskedForADynamicOne() {
        var replies = broker.out(0, new Address.Dynamic("amq.dyn-a"), TestBroker.ALICE)
                .credit(10);
        var request = broker.in(1, new Address.Anonymous(), TestBroker.BOB);

        assertThat(replies.consumer.queue()).isEqualTo("amq.dyn-a");
        assertThat(request.outcome(new Address.Queue("amq.dyn-a", false), TestMessage.durable("reply")))
                .isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(replies.texts()).containsExactly("reply");
        assertThatThrownBy(() -> broker.out(1, new Address.Queue("amq.dyn-a", false), TestBroker.BOB))
                .isInstanceOf(RefusedException.class);

        replies.close();
        assertThat(broker.has("amq.dyn-a")).isFalse();

        var creator = broker.in(0, new Address.Dynamic("amq.dyn-b"), TestBroker.ALICE);
        broker.out(0, new Address.Queue("amq.dyn-b", false), TestBroker.ALICE);
        creator.close();
        assertThat(broker.has("amq.dyn-b")).isFalse();
    }

    @Test
    void isThatOfTheLinkThatAskedForDirectReplies() {
        var address = new Address.Volatile("amq.rabbitmq.reply-to.a");
        assertThatThrownBy(() -> broker.out(0, address, TestBroker.ALICE))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("snd-settle-mode settled");
        var replies = broker.settledOut(0, address, TestBroker.ALICE).credit(1);
        var responder = broker.in(1, new Address.Anonymous(), TestBroker.BOB);
        var to = new Address.Queue("amq.rabbitmq.reply-to.a", false);

        for (String reply : List.of("1", "2")) {
            assertThat(responder.outcome(to, TestMessage.durable(reply))).isEqualTo(PublishOutcome.ACCEPTED);
        }
        broker.advance(1);
        replies.credit(10);

        assertThat(replies.texts()).containsExactly("1");
        replies.close();
        assertThat(broker.has("amq.rabbitmq.reply-to.a")).isFalse();
    }

    @Test
    void isThatOfTheLinkThatSubscribesToAnExchange() {
        broker.exchange("x", "topic").exchange("f", "fanout");
        var all =
                broker.out(0, new Address.Exchange("x", null), TestBroker.ALICE).credit(10);
        var some = broker.out(1, new Address.Plain("x/a.*"), TestBroker.BOB).credit(10);
        var fan = broker.out(1, new Address.Plain("f"), TestBroker.BOB).credit(10);
        var in = broker.toExchange("x", null);

        in.send(TestMessage.durable("1").withSubject("a.b"))
                .send(TestMessage.durable("2").withSubject("c"));
        broker.toExchange("f", "any").send(TestMessage.fleeting("3"));

        assertThat(all.texts()).containsExactly("1", "2");
        assertThat(some.texts()).containsExactly("1");
        assertThat(fan.texts()).containsExactly("3");
        for (var out : List.of(all, some, fan)) {
            out.close();
        }
        assertThat(broker.core.topology().queues()).isEmpty();
        assertThat(broker.core.topology().bindings("x")).isEmpty();
    }
}
