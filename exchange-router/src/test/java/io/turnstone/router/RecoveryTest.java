package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("After a crash the broker")
class RecoveryTest {

    @Test
    void hasDurableMessagesOfDurableQueuesInTheirOrder() {
        var broker = TestBroker.on(3);
        broker.exchange("x", "fanout").queue("a").queue("b");
        broker.queue(QueueSpec.named("passing").durable(false).build());
        broker.bind("x", "a", "").bind("x", "b", "").bind("x", "passing", "");
        var in = broker.toExchange("x", "");
        for (int i = 0; i < 10; i++) {
            in.send(TestMessage.of(i % 2 == 0, null, Integer.toString(i)));
        }
        broker.settle();
        var out = broker.out(new Address.Queue("a", false)).credit(3);
        out.settleAll(Outcome.ACCEPTED);

        var next = broker.afterCrash();

        assertThat(next.drain("a")).containsExactly("4", "6", "8");
        assertThat(next.drain("b")).containsExactly("0", "2", "4", "6", "8");
        assertThat(next.has("passing")).isFalse();
        next.toExchange("x", "").outcome(TestMessage.durable("new"));
        assertThat(next.afterCrash().drain("a")).containsExactly("4", "6", "8", "new");
    }

    @Test
    void keepsWhatItCannotReadOutOfReachButInTheStore() {
        var broker = TestBroker.on(1).queue("q");
        var in = broker.toQueue("q");
        in.send(TestMessage.durable("1")).send(TestMessage.durable("broken")).send(TestMessage.durable("3"));
        broker.settle();

        var next = broker.afterCrash();

        assertThat(next.core.unreadable()).isEqualTo(1);
        next.out(new Address.Queue("q", false)).credit(10).settleAll(Outcome.ACCEPTED);
        int id = next.core.state().queue("q").queue().id();
        assertThat(next.store.positions(id)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void hasEverythingThatWasAccepted(long seed) {
        var random = new Random(seed);
        var broker = TestBroker.manual(3);
        broker.exchange("x", "topic").queue("a").queue("b").bind("x", "a", "#").bind("x", "b", "k");
        var in = broker.in(1, new Address.Exchange("x", "k"), TestBroker.ALICE);
        var accepted = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            String text = Integer.toString(i);
            in.loop.within(() -> in.publisher.publish(TestMessage.durable(text), outcome -> accepted.add(text)));
            for (int steps = random.nextInt(3); steps > 0; steps--) {
                broker.step(random);
            }
        }

        var next = broker.afterCrash();

        for (String queue : List.of("a", "b")) {
            assertThat(next.drain(queue))
                    .as(queue)
                    .containsAll(accepted)
                    .isSortedAccordingTo(
                            (one, other) -> Integer.compare(Integer.parseInt(one), Integer.parseInt(other)));
        }
        assertThat(accepted).isNotEmpty();
    }
}
