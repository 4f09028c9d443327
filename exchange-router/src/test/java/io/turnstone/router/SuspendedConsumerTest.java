package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A suspended consumer")
class SuspendedConsumerTest {

    private static final Address Q = new Address.Queue("q", false);

    /** Another link for a consumer, on its own loop. */
    private static final class Link implements Consumer.Listener {
        final List<Delivery> deliveries = new ArrayList<>();
        final List<Delivery> settled = new ArrayList<>();

        @Override
        public void deliver(Delivery delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void drained() {}

        @Override
        public void settled(Delivery delivery, Outcome outcome) {
            settled.add(delivery);
        }

        @Override
        public void closed(Refusal reason) {}
    }

    private final TestBroker broker = TestBroker.on(2);
    private final Link link = new Link();
    private TestBroker.In in;

    @BeforeEach
    void declare() {
        broker.queue(QueueSpec.named("q").build());
        in = broker.toQueue("q");
    }

    private void publish(String... texts) {
        for (String text : texts) {
            in.send(TestMessage.durable(text));
        }
        broker.settle();
    }

    private void suspend(TestBroker.Out out) {
        out.loop.within(() -> out.consumer.suspend());
        broker.settle();
    }

    private Consumer resumed(TestBroker.Out out, int loop) {
        var stage = new ArrayList<CompletionStage<Consumer>>();
        broker.loops[loop].within(
                () -> stage.add(broker.core.resumeConsumer(out.consumer, TestBroker.ALICE, broker.loops[loop], link)));
        broker.settle();
        return broker.get(stage.get(0));
    }

    @Test
    void keepsWhatItHoldsAndLetsOthersHaveTheRest() {
        TestBroker.Out first = broker.out(1, Q, TestBroker.ALICE).credit(2);
        publish("a", "b", "c");
        suspend(first);

        TestBroker.Out other = broker.out(1, Q, TestBroker.ALICE).credit(10);
        assertThat(first.texts()).containsExactly("a", "b");
        assertThat(other.texts()).containsExactly("c");
    }

    @Test
    void givesBackInOrderWhatItHeldWhenItIsClosed() {
        TestBroker.Out first = broker.out(1, Q, TestBroker.ALICE).credit(2);
        publish("a", "b", "c");
        suspend(first);
        first.close();

        TestBroker.Out other = broker.out(1, Q, TestBroker.ALICE).credit(10);
        assertThat(other.texts()).containsExactly("a", "b", "c");
    }

    @Test
    void settlesWhatItHoldsWhileItIsSuspended() {
        TestBroker.Out first = broker.out(1, Q, TestBroker.ALICE).credit(1);
        publish("a");
        suspend(first);
        first.loop.within(() -> first.consumer.settle(first.deliveries.get(0), Outcome.ACCEPTED, true));
        broker.settle();

        assertThat(first.settled).hasSize(1);
        first.close();
        assertThat(broker.out(1, Q, TestBroker.ALICE).credit(10).texts()).isEmpty();
    }

    @Test
    void getsNothingThatWasOnItsWayAndNobodyLosesThat() {
        TestBroker.Out first = broker.out(1, Q, TestBroker.ALICE).credit(1);
        publish("a");
        // The delivery of "b" and the suspension cross: both are under way before either is seen.
        first.loop.within(() -> first.consumer.flow(2, false));
        in.send(TestMessage.durable("b"));
        first.loop.within(() -> first.consumer.suspend());
        broker.settle();

        TestBroker.Out other = broker.out(1, Q, TestBroker.ALICE).credit(10);
        assertThat(other.texts()).containsExactly("b");
    }

    @Test
    void isResumedOnAnotherLoopWithWhatItHoldsAndCountsAnew() {
        TestBroker.Out first = broker.out(1, Q, TestBroker.ALICE).credit(2);
        publish("a", "b", "c", "d");
        suspend(first);

        Consumer second = resumed(first, 0);
        broker.loops[0].within(() -> {
            second.settle(first.deliveries.get(0), Outcome.ACCEPTED, true);
            second.settle(first.deliveries.get(1), Outcome.RELEASED, false);
            second.flow(2, false);
        });
        broker.settle();

        assertThat(link.settled).containsExactly(first.deliveries.get(0));
        assertThat(link.deliveries.stream().map(each -> TestMessage.textOf(each.message())))
                .containsExactly("b", "c");
        assertThat(first.deliveries).hasSize(2);
    }

    @Test
    void staysTheActiveOneOfItsQueue() {
        broker.queue(QueueSpec.named("one").singleActive(true).build());
        var source = new Address.Queue("one", false);
        TestBroker.Out first = broker.out(1, source, TestBroker.ALICE).credit(1);
        TestBroker.Out standby = broker.out(1, source, TestBroker.ALICE).credit(5);
        TestBroker.In one = broker.toQueue("one");
        one.send(TestMessage.durable("a"));
        one.send(TestMessage.durable("b"));
        broker.settle();
        suspend(first);

        assertThat(standby.texts()).isEmpty();
        first.close();
        assertThat(standby.texts()).containsExactly("a", "b");
    }

    @Test
    void isNotResumedWhenItsQueueIsGone() {
        TestBroker.Out first = broker.out(1, Q, TestBroker.ALICE).credit(1);
        publish("a");
        suspend(first);
        broker.get(broker.core.topology().deleteQueue("q", Topology.DeleteMode.ALWAYS));

        assertThat(first.closed).isNotNull();
        Assertions.assertThatThrownBy(() -> resumed(first, 0)).isInstanceOf(RefusedException.class);
    }
}
