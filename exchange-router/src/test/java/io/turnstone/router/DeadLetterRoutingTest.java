package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.topology.QueueEntry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Dead messages")
class DeadLetterRoutingTest {

    private final TestBroker broker = TestBroker.on(3);

    private TestBroker queue(String name, DeadLetter deadLetter, long ttlMs) {
        return broker.queue(
                QueueSpec.named(name).deadLetter(deadLetter).ttlMs(ttlMs).build());
    }

    private void reject(String queue) {
        broker.out(new Address.Queue(queue, false))
                .credit(1)
                .settleAll(new Outcome.Rejected("app:bad", "no good"))
                .close();
    }

    @Test
    void goToAnAutomaticQueueWhenAConsumerRejectsThem() {
        broker.queue("q");
        broker.toQueue("q").outcome(TestMessage.durable("1"));

        reject("q");

        assertThat(broker.drain("dlq.q")).containsExactly("1");
        assertThat(broker.core.topology().queue("dlq.q").orElseThrow().durable())
                .isTrue();
        assertThat(broker.events).contains(new BrokerEvent.DeadLettered("q", DeathReason.REJECTED));
        assertThat(broker.afterCrash().drain("dlq.q")).containsExactly("1");
    }

    @Test
    void goThroughAnExchangeWithTheirOwnKeyOrAnother() {
        broker.exchange("dead", "direct").queue("own").queue("other");
        broker.bind("dead", "own", "q").bind("dead", "other", "k");
        queue("q", new DeadLetter.ToExchange("dead", ""), -1);
        queue("r", new DeadLetter.ToExchange("dead", "k"), -1);
        broker.toQueue("q").outcome(TestMessage.durable("1"));
        broker.toQueue("r").outcome(TestMessage.durable("2"));

        reject("q");
        reject("r");

        assertThat(broker.drain("own")).containsExactly("1");
        assertThat(broker.drain("other")).containsExactly("2");
    }

    @Test
    void areDroppedWhenTheyExpireAndNobodyWantsThem() {
        broker.queue(QueueSpec.named("q").ttlMs(1000).build());
        broker.toQueue("q").outcome(TestMessage.durable("1"));

        broker.advance(3_000);

        assertThat(broker.status("q").messages()).isZero();
        assertThat(broker.has("dlq.q")).isFalse();
    }

    @Test
    void mayReturnAfterARejection() {
        queue("work", new DeadLetter.ToQueue("wait"), -1);
        queue("wait", new DeadLetter.ToQueue("work"), 1000);
        broker.toQueue("work").outcome(TestMessage.durable("1"));

        for (int round = 0; round < 3; round++) {
            reject("work");
            assertThat(broker.status("wait").messages()).isEqualTo(1);
            broker.advance(2_000);
            assertThat(broker.status("work").messages()).isEqualTo(1);
        }
    }

    @Test
    void areDroppedWhenTheyWouldReturnOnTheirOwn() {
        queue("a", new DeadLetter.ToQueue("b"), 1000);
        queue("b", new DeadLetter.ToQueue("a"), 1000);
        broker.toQueue("a").outcome(TestMessage.durable("1"));

        broker.advance(1_500);
        assertThat(broker.status("b").messages()).isEqualTo(1);
        broker.advance(10_000);
        assertThat(broker.status("a").messages() + broker.status("b").messages())
                .isZero();
    }

    @Test
    void areDroppedAlsoAfterARingThatIsLongerThanTheirHistory() {
        int length = 40;
        for (int i = 0; i < length; i++) {
            queue("ring" + i, new DeadLetter.ToQueue("ring" + (i + 1) % length), 100);
        }
        broker.toQueue("ring0").outcome(TestMessage.durable("1"));

        broker.advance(60_000);

        long passed = 0;
        for (int i = 0; i < length; i++) {
            assertThat(broker.status("ring" + i).messages()).isZero();
            passed += broker.status("ring" + i).published();
        }
        assertThat(passed).isBetween(2L, (long) length);
    }

    @Test
    void goToTheAutomaticQueueWhenTheirOwnIsGone() {
        queue("q", new DeadLetter.ToQueue("absent"), -1);
        broker.toQueue("q").outcome(TestMessage.durable("1"));

        reject("q");

        assertThat(broker.drain("dlq.q")).containsExactly("1");
    }

    @Test
    void haveAnAutomaticQueueAlsoForTheLongestName() {
        String longest = "q".repeat(255);
        broker.queue(longest);
        broker.toQueue(longest).outcome(TestMessage.durable("1"));

        reject(longest);

        String name = broker.core.state().queueList().stream()
                .map(QueueEntry::name)
                .filter(queue -> queue.startsWith("dlq.q"))
                .findFirst()
                .orElseThrow();
        assertThat(name).hasSize(255);
        assertThat(broker.drain(name)).containsExactly("1");
    }
}
