package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The order of one publisher")
class PublishOrderTest {

    @ParameterizedTest(name = "seed {0} on {1} loops")
    @CsvSource({
        "1, 1", "2, 1", "3, 1", "4, 1", "1, 2", "2, 2", "3, 2", "4, 2", "5, 2", "6, 2", "7, 2", "8, 2", "1, 3", "2, 3",
        "3, 3", "4, 3", "5, 3", "6, 3", "7, 3", "8, 3", "9, 3", "10, 3", "11, 3", "12, 3"
    })
    void holdsInEachQueueWhateverTheMixture(long seed, int loops) {
        var random = new Random(seed);
        var broker = TestBroker.manual(loops);
        broker.exchange("x", "topic");
        for (int i = 0; i < 4; i++) {
            broker.queue("stored" + i).bind("x", "stored" + i, i % 2 == 0 ? "#" : "a.*");
            broker.queue(QueueSpec.named("passing" + i).durable(false).build()).bind("x", "passing" + i, "#");
        }
        var in = broker.in(random.nextInt(loops), new Address.Exchange("x", null), TestBroker.ALICE);
        var keys = List.of("a.b", "c", "a.d");
        int sent = 0;
        while (sent < 300) {
            int burst = random.nextInt(4);
            int first = sent;
            in.loop.within(() -> {
                for (int i = 0; i < burst; i++) {
                    var message = TestMessage.of(
                            random.nextInt(3) > 0, keys.get(random.nextInt(keys.size())), Integer.toString(first + i));
                    in.publisher.publish(message, random.nextInt(4) == 0 ? null : in.outcomes::add);
                }
            });
            sent += burst;
            for (int steps = random.nextInt(6); steps > 0; steps--) {
                broker.step(random);
            }
        }
        broker.settle();

        assertThat(in.outcomes).isNotEmpty().containsOnly(PublishOutcome.ACCEPTED);
        for (int i = 0; i < 4; i++) {
            for (String queue : List.of("stored" + i, "passing" + i)) {
                var numbers = new ArrayList<Integer>();
                broker.drain(queue).forEach(text -> numbers.add(Integer.valueOf(text)));
                assertThat(numbers).as(queue).isSorted().doesNotHaveDuplicates();
                if (i % 2 == 0) {
                    assertThat(numbers).as(queue).hasSize(sent);
                }
            }
        }
    }

    @Test
    void acceptsADurableMessageOnlyWhenItIsCommitted() {
        var broker = TestBroker.manual(2);
        broker.queue("q");
        var in = broker.toQueue("q");

        in.send(TestMessage.durable("1"));
        FakeLoop.settle(broker.loops);
        assertThat(in.outcomes).isEmpty();
        assertThat(broker.store.waiting()).isEqualTo(1);

        broker.store.commit();
        FakeLoop.settle(broker.loops);
        assertThat(in.outcomes).containsExactly(PublishOutcome.ACCEPTED);
    }

    @Test
    void costsOneRecordForAllStoredQueuesAndNoneForTheOthers() {
        var broker = TestBroker.manual(3);
        broker.exchange("x", "fanout");
        for (int i = 0; i < 5; i++) {
            broker.queue("s" + i).bind("x", "s" + i, "");
            broker.queue(QueueSpec.named("p" + i).durable(false).build()).bind("x", "p" + i, "");
        }
        var in = broker.toExchange("x", "");

        in.send(TestMessage.fleeting("0"));
        assertThat(in.outcomes).containsExactly(PublishOutcome.ACCEPTED);
        FakeLoop.settle(broker.loops);
        assertThat(broker.store.waiting()).isZero();

        in.send(TestMessage.durable("1"));
        assertThat(broker.store.waiting()).isEqualTo(1);
        broker.settle();
        assertThat(broker.drain("s4")).containsExactly("0", "1");
        assertThat(broker.drain("p4")).containsExactly("0", "1");
    }

    @Test
    void tellsNothingAfterTheCloseAndKeepsWhatWasPublished() {
        var broker = TestBroker.manual(2);
        broker.queue("q");
        var in = broker.toQueue("q");

        in.send(TestMessage.durable("1"));
        in.close();
        broker.settle();

        assertThat(in.outcomes).isEmpty();
        assertThat(broker.drain("q")).containsExactly("1");
    }
}
