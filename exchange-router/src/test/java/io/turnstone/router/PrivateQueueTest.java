package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueStatus;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.topology.RouterLimits;
import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A queue that comes with a link")
class PrivateQueueTest {

    private static TestBroker limited() {
        var limits = new RouterLimits(
                100,
                100,
                100,
                100,
                new QueueLimit(3, QueueLimit.UNLIMITED, Overflow.DROP_HEAD),
                RouterLimits.DEFAULT.transactions(),
                RouterLimits.DEFAULT.held(),
                RouterLimits.DEFAULT.maxDelayMs());
        return TestBroker.on(2, s -> Changed.from(s).limits(limits).settings());
    }

    @Test
    void dropsTheOldestForASubscriberThatTakesNothing() {
        var broker = limited();
        broker.exchange("x", "fanout");
        var dead = broker.out(new Address.Exchange("x", null));
        var dynamic = broker.out(new Address.Dynamic("reply"));
        for (int i = 1; i <= 5; i++) {
            broker.toExchange("x", "").outcome(TestMessage.durable("s" + i));
            broker.in(new Address.Queue("reply", false)).outcome(TestMessage.durable("d" + i));
        }

        assertThat(broker.status(dead.consumer.queue()).messages()).isEqualTo(3);
        assertThat(broker.status(dead.consumer.queue()).dropped()).isEqualTo(2);
        assertThat(dead.credit(10).texts()).containsExactly("s3", "s4", "s5");
        assertThat(dynamic.credit(10).texts()).containsExactly("d3", "d4", "d5");
    }

    @Test
    void isASubscriptionAlsoForABrowser() {
        var broker = TestBroker.on(1);
        broker.exchange("x", "fanout");
        var listener = broker.new Out(broker.loops[0], new Address.Exchange("x", null), TestBroker.ALICE, false);
        var stage = new ArrayList<CompletionStage<Consumer>>();
        var request =
                ConsumerRequest.of(new Address.Plain("x"), TestBroker.ALICE, ConsumerRequest.Mode.BROWSE, 1 << 20);
        broker.loops[0].within(() -> stage.add(broker.core.openConsumer(request, broker.loops[0], listener)));
        var consumer = broker.get(stage.get(0));
        broker.loops[0].within(() -> consumer.flow(10, false));
        broker.toExchange("x", "").outcome(TestMessage.durable("1"));

        assertThat(listener.texts()).containsExactly("1");
        assertThat(broker.status(consumer.queue()).messages()).isZero();
    }

    @Test
    void goesWhenTheBrokerEndsItsConsumer() {
        var broker = TestBroker.on(2);
        broker.exchange("x", "fanout");
        var out = broker.out(new Address.Exchange("x", null));
        out.onDelivery = delivery -> {
            throw new IllegalStateException("on purpose");
        };
        out.credit(10);
        broker.toExchange("x", "").outcome(TestMessage.durable("1"));
        broker.settle();

        assertThat(out.closed).isNotNull();
        assertThat(broker.core.queueStatus()).extracting(QueueStatus::name).isEmpty();
    }
}
