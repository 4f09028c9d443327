package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Deduplication;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.router.exchange.TestMessage;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A message that is published again")
class DeduplicationTest {

    private static final Deduplication RULE = new Deduplication(60_000, Deduplication.MESSAGE_ID, 1000);

    private TestBroker broker = TestBroker.on(2).queue(spec("q").build());

    private static QueueSpec.Builder spec(String name) {
        return QueueSpec.named(name).deduplication(RULE);
    }

    private static TestMessage message(Object key, String text) {
        return TestMessage.durable(text).withProperties(Map.of("_AMQ_DUPL_ID", key));
    }

    private QueueStatus status(String queue) {
        return broker.core.queueStatus().stream()
                .filter(status -> status.name().equals(queue))
                .findAny()
                .orElseThrow();
    }

    @Test
    void isAcceptedAndNotKept() {
        var in = broker.toQueue("q");

        assertThat(in.outcome(message("a", "1"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(message("a", "2"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(message("b", "3"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(TestMessage.durable("4"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(TestMessage.durable("5"))).isEqualTo(PublishOutcome.ACCEPTED);

        assertThat(broker.drain("q")).containsExactly("1", "3", "4", "5");
        assertThat(status("q").duplicates()).isEqualTo(1);
        assertThat(broker.store.positions(1)).hasSize(4);
    }

    @Test
    void isKnownAfterTheFirstIsGoneAndUntilItsTimeEnds() {
        var in = broker.toQueue("q");
        in.outcome(message(7, "1"));
        broker.out(new Address.Queue("q", false)).credit(10).settleAll(Outcome.ACCEPTED);
        broker.settle();
        broker.advance(59_000);
        in.outcome(message(7L, "2"));
        assertThat(status("q").messages()).isZero();

        broker.advance(1_001);
        in.outcome(message(7, "3"));

        assertThat(status("q").messages()).isEqualTo(1);
    }

    @Test
    void isKnownAsLongAsTheClockSays() {
        var in = broker.toQueue("q");
        var clock = broker.loops[0].clock();
        in.outcome(message("a", "1"));
        clock.set(-3_600_000);
        broker.advance(120_000);
        in.outcome(message("a", "2"));
        assertThat(broker.drain("q")).containsExactly("1");

        clock.set(2 * 3_600_000);
        in.outcome(message("b", "3"));
        in.outcome(message("a", "4"));
        clock.set(-3_600_000);
        in.outcome(message("b", "5"));
        in.outcome(message("c", "6"));
        broker.advance(61_000);
        in.outcome(message("c", "7"));
        assertThat(broker.drain("q")).containsExactly("1", "3", "4", "6", "7");
    }

    @Test
    void isKnownInOneGroupOfCommits() {
        broker = TestBroker.manual(2).queue(spec("q").build());
        var in = broker.toQueue("q");
        in.send(message("a", "1"));
        in.send(message("a", "2"));
        broker.settle();

        assertThat(in.outcomes).containsExactly(PublishOutcome.ACCEPTED, PublishOutcome.ACCEPTED);
        assertThat(status("q").messages()).isEqualTo(1);
    }

    @Test
    void isKnownAfterACrash() {
        var in = broker.toQueue("q");
        in.outcome(message("taken", "1"));
        broker.out(new Address.Queue("q", false)).credit(10).settleAll(Outcome.ACCEPTED);
        in.outcome(message("there", "2"));
        broker.settle();

        broker = broker.afterCrash();
        var again = broker.toQueue("q");
        again.outcome(message("taken", "3"));
        again.outcome(message("there", "4"));
        again.outcome(message("new", "5"));

        assertThat(broker.drain("q")).containsExactly("2", "5");
    }

    @Test
    void isRemovedAfterACrashThatCameBeforeItsRemoval() {
        broker = TestBroker.manual(1).queue(spec("q").build());
        var in = broker.toQueue("q");
        in.send(message("a", "1"));
        in.send(message("a", "2"));
        broker.store.commit();

        broker = broker.afterCrash();

        assertThat(broker.drain("q")).containsExactly("1");
        assertThat(broker.store.positions(1)).hasSize(1);
    }

    @Test
    void isKnownToEachQueueByItself() {
        broker = TestBroker.on(2)
                .queue(spec("first").build())
                .queue(spec("brief").durable(false).build())
                .queue("any")
                .exchange("x", "fanout")
                .bind("x", "first", "")
                .bind("x", "brief", "")
                .bind("x", "any", "");
        var in = broker.toExchange("x", "k");
        broker.toQueue("first").outcome(message("a", "0"));

        in.outcome(message("a", "1"));
        in.outcome(message("a", "2"));

        assertThat(broker.drain("first")).containsExactly("0");
        assertThat(broker.drain("brief")).containsExactly("1");
        assertThat(broker.drain("any")).containsExactly("1", "2");
    }

    @Test
    void givesBackItsRoom() {
        broker = TestBroker.on(1)
                .queue(spec("q")
                        .limit(new QueueLimit(2, QueueLimit.UNLIMITED, Overflow.REJECT))
                        .build());
        var in = broker.toQueue("q");
        for (int i = 0; i < 10; i++) {
            assertThat(in.outcome(message("a", "" + i))).isEqualTo(PublishOutcome.ACCEPTED);
        }

        assertThat(in.outcome(message("b", "b"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(message("c", "c"))).isInstanceOf(PublishOutcome.Refused.class);
    }

    @Test
    void isKnownByAnotherProperty() {
        broker = TestBroker.on(1)
                .queue(QueueSpec.named("q")
                        .deduplication(new Deduplication(1000, "order", 10))
                        .build());
        var in = broker.toQueue("q");
        for (Object key : new Object[] {"1", 1, 1L, new byte[] {'1'}, new byte[] {'1'}, true, true}) {
            in.outcome(TestMessage.durable("" + key.getClass().getSimpleName()).withProperties(Map.of("order", key)));
        }

        assertThat(broker.drain("q")).containsExactly("String", "Integer", "byte[]", "Boolean");
    }
}
