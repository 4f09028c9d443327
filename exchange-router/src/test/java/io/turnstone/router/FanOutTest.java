package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.Overflow;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A fan-out")
class FanOutTest {

    private final StoreException full = new StoreException("the disk is full");

    private static QueueSpec passing(String name, long messages, Overflow overflow) {
        return QueueSpec.named(name)
                .durable(false)
                .limit(new QueueLimit(messages, QueueLimit.UNLIMITED, overflow))
                .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesNoCopyBehindWhenTheStoreFails(boolean settled) {
        var broker = TestBroker.on(2);
        broker.exchange("x", "fanout").queue("stored").bind("x", "stored", "");
        for (String name : List.of("a", "b")) {
            broker.queue(passing(name, 1, Overflow.REJECT)).bind("x", name, "");
        }
        var in = broker.toExchange("x", "");
        broker.store.fail(full);

        if (settled) {
            in.sendSettled(TestMessage.durable("lost"));
        } else {
            var refused = (PublishOutcome.Refused) in.outcome(TestMessage.durable("lost"));
            assertThat(refused.refusal().condition()).isEqualTo(Condition.UNAVAILABLE);
        }

        for (String name : List.of("stored", "a", "b")) {
            assertThat(broker.status(name).published()).as(name).isZero();
            assertThat(broker.status(name).dropped()).as(name).isEqualTo(settled ? 1 : 0);
        }
        broker.store.fail(null);
        assertThat(in.outcome(TestMessage.durable("1"))).isEqualTo(PublishOutcome.ACCEPTED);
        for (String name : List.of("stored", "a", "b")) {
            assertThat(broker.drain(name)).as(name).containsExactly("1");
        }
    }

    @Test
    void leavesNoCopyInADeadLetterQueueWhenTheStoreFails() {
        var broker = TestBroker.on(2);
        broker.exchange("x", "fanout").queue("stored").bind("x", "stored", "");
        broker.exchange("dead", "fanout").queue(passing("mourner", 10, Overflow.REJECT));
        broker.bind("dead", "mourner", "");
        broker.queue(passing("q", 1, Overflow.DEAD_LETTER)
                .but()
                .deadLetter(new DeadLetter.ToExchange("dead", ""))
                .build());
        broker.bind("x", "q", "");
        var in = broker.toExchange("x", "");
        in.outcome(TestMessage.durable("1"));
        broker.store.fail(full);
        assertThat(in.outcome(TestMessage.durable("2"))).isInstanceOf(PublishOutcome.Refused.class);
        broker.store.fail(null);
        in.outcome(TestMessage.durable("3"));

        assertThat(broker.drain("q")).containsExactly("1");
        assertThat(broker.drain("mourner")).containsExactly("3");
        assertThat(broker.drain("stored")).containsExactly("1", "3");
    }

    @Test
    void leavesItsCopiesAlsoWhenItsPublisherHasClosed() {
        var broker = TestBroker.manual(2);
        broker.exchange("x", "fanout").queue("stored").bind("x", "stored", "");
        broker.queue(passing("p", 9, Overflow.REJECT)).bind("x", "p", "");
        var in = broker.toExchange("x", "");
        in.send(TestMessage.durable("1"));
        in.close();

        assertThat(in.outcomes).isEmpty();
        assertThat(broker.drain("p")).containsExactly("1");
    }

    /** What was accepted is in all of its queues, what was refused in none, and each queue is in order. */
    @ParameterizedTest(name = "seed {0} on {1} loops")
    @CsvSource({"1, 1", "2, 1", "3, 1", "4, 2", "5, 2", "6, 2", "7, 2", "8, 3", "9, 3", "10, 3", "11, 3", "12, 3"})
    void isWholeOrNothingWhateverTheStoreDoes(long seed, int loops) {
        var random = new Random(seed);
        var broker = TestBroker.manual(loops);
        var keys = List.of("all", "some", "passing");
        var ways = Map.of(
                "all", List.of("s1", "s2", "p1", "p2"), "some", List.of("s2", "p2"), "passing", List.of("p1", "p2"));
        broker.exchange("x", "direct").queue("s1").queue("s2");
        for (String name : List.of("p1", "p2")) {
            broker.queue(QueueSpec.named(name).durable(false).build());
        }
        ways.forEach((key, queues) -> queues.forEach(queue -> broker.bind("x", queue, key)));
        var in = broker.in(random.nextInt(loops), new Address.Exchange("x", null), TestBroker.ALICE);
        var sent = new ArrayList<String>();
        var outcomes = new TreeMap<Integer, PublishOutcome>();
        while (sent.size() < 200) {
            broker.store.fail(random.nextInt(3) == 0 ? full : null);
            in.loop.within(() -> {
                for (int i = random.nextInt(4); i > 0; i--) {
                    int number = sent.size();
                    sent.add(keys.get(random.nextInt(keys.size())));
                    var message = TestMessage.of(random.nextInt(3) > 0, sent.get(number), Integer.toString(number));
                    in.publisher.publish(message, outcome -> outcomes.put(number, outcome));
                }
            });
            for (int steps = random.nextInt(6); steps > 0; steps--) {
                broker.step(random);
            }
        }
        broker.settle();

        assertThat(outcomes).hasSize(sent.size());
        assertThat(new HashSet<>(outcomes.values()).size()).isGreaterThan(1);
        for (String queue : List.of("s1", "s2", "p1", "p2")) {
            var expected = outcomes.entrySet().stream()
                    .filter(each -> each.getValue() == PublishOutcome.ACCEPTED)
                    .filter(each -> ways.get(sent.get(each.getKey())).contains(queue))
                    .map(each -> Integer.toString(each.getKey()))
                    .toList();
            assertThat(broker.drain(queue)).as(queue).isEqualTo(expected);
        }
    }
}
