package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.FakeSpool;
import io.turnstone.api.Outcome;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.router.exchange.TestMessage;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who is the last to hold a file deletes it, so it must be held exactly as long as it is needed. */
@DisplayName("The body in a file of a message that is not stored")
class BodyInFileTest {

    private final TestBroker broker = TestBroker.on(2);
    private final Body.Spooled body = new FakeSpool(1 << 20).body(new byte[2 << 20], 100);
    private final FakeSpool.Written file = (FakeSpool.Written) body.file();

    private TestMessage fleeting() {
        return new TestMessage(false, null, null, 4, -1, Map.of(), body);
    }

    private TestBroker.Out consumer(String queue) {
        return broker.out(new Address.Queue(queue, false)).credit(10);
    }

    @Test
    void isHeldUntilTheMessageIsSettled() {
        broker.queue("q");
        assertThat(broker.toQueue("q").outcome(fleeting())).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(file.holders).isEqualTo(1);

        consumer("q").settleAll(Outcome.RELEASED).close();
        assertThat(file.holders).isEqualTo(1);
        consumer("q").settleAll(Outcome.ACCEPTED);

        assertThat(file.holders).isZero();
        assertThat(file.shared).isFalse();
    }

    @Test
    void isHeldByEachQueue() {
        broker.exchange("x", "fanout").queue("stored").bind("x", "stored", "");
        broker.queue(QueueSpec.named("passing").durable(false).build()).bind("x", "passing", "");
        broker.toExchange("x", "").outcome(fleeting());
        assertThat(file.holders).isEqualTo(2);

        consumer("stored").settleAll(Outcome.ACCEPTED);
        assertThat(file.holders).isEqualTo(1);
        consumer("passing").settleAll(Outcome.ACCEPTED);

        assertThat(file.holders).isZero();
        assertThat(file.shared).isFalse();
    }

    @Test
    void goesFromAQueueToItsDeadLetters() {
        broker.queue("dead");
        broker.queue(
                QueueSpec.named("q").deadLetter(new DeadLetter.ToQueue("dead")).build());
        broker.toQueue("q").outcome(fleeting());
        consumer("q").settleAll(new Outcome.Rejected(null, null));
        assertThat(file.holders).isEqualTo(1);
        assertThat(broker.status("dead").messages()).isEqualTo(1);

        consumer("dead").settleAll(Outcome.ACCEPTED);

        assertThat(file.holders).isZero();
        assertThat(file.shared).isFalse();
    }

    @Test
    void isReleasedWhenTheMessageExpires() {
        broker.queue(QueueSpec.named("q").ttlMs(1000).build());
        broker.toQueue("q").outcome(fleeting());
        broker.advance(3000);

        assertThat(broker.status("q").messages()).isZero();
        assertThat(file.holders).isZero();
    }

    @Test
    void keepsItsPlaceAmongStoredOnesOnTheWay() {
        broker.queue("q");
        var in = broker.toQueue("q");
        in.send(TestMessage.durable("first")).send(fleeting());
        broker.settle();
        assertThat(file.holders).isEqualTo(1);

        consumer("q").settleAll(Outcome.ACCEPTED);

        assertThat(file.holders).isZero();
    }

    /** It may not even have begun to leave through the socket. */
    @Test
    void staysForAConsumerThatSettlesNothing() {
        broker.queue("q");
        broker.toQueue("q").outcome(fleeting());
        broker.settledOut(1, new Address.Queue("q", false), TestBroker.ALICE).credit(10);

        assertThat(file.shared || file.holders > 0).isTrue();
    }
}
