package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.Transaction;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.topology.TransactionLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A transaction")
class TransactionTest {

    private static final Outcome.Modified FAILED = new Outcome.Modified(true, false, Map.of());

    private TestBroker broker = TestBroker.on(3);
    private final List<@Nullable Refusal> ends = new ArrayList<>();
    private final List<Refusal> rolledBack = new ArrayList<>();
    private final List<PublishOutcome> outcomes = new ArrayList<>();

    private Transaction begin() {
        var begun = new ArrayList<Transaction>();
        loop().within(() -> begun.add(broker.core.begin(TestBroker.ALICE, loop(), rolledBack::add)));
        return begun.get(0);
    }

    private FakeLoop loop() {
        return broker.loops[0];
    }

    private void publish(TestBroker.In in, Transaction within, String text) {
        publish(in, within, true, text);
    }

    private void publish(TestBroker.In in, Transaction within, boolean durable, String text) {
        in.loop.within(() -> in.publisher.publish(
                in.publisher.address(), TestMessage.of(durable, "k", text), within, outcomes::add));
    }

    private void settleAll(TestBroker.Out out, Outcome outcome, Transaction within, @Nullable Outcome otherwise) {
        loop().within(() -> out.deliveries.forEach(each -> out.consumer.settle(each, outcome, within, otherwise)));
        broker.settle();
    }

    private @Nullable Refusal commit(Transaction transaction) {
        int before = ends.size();
        loop().within(() -> transaction.commit(ends::add));
        broker.settle();
        assertThat(ends).hasSize(before + 1);
        return ends.get(before);
    }

    private void rollback(Transaction transaction) {
        loop().within(transaction::rollback);
        broker.settle();
    }

    private TestBroker.Out consumer(String queue) {
        return broker.out(0, new Address.Queue(queue, false), TestBroker.ALICE).credit(100);
    }

    @Test
    void letsItsMessagesInWhenItIsCommittedAndNotBefore() {
        broker.queue("a")
                .queue("b")
                .queue(QueueSpec.named("passing").durable(false).build());
        broker.exchange("x", "fanout").bind("x", "a", "").bind("x", "passing", "");
        var transaction = begin();

        publish(broker.toExchange("x", "k"), transaction, "1");
        publish(broker.toQueue("b"), transaction, "2");
        publish(broker.toQueue("a"), transaction, false, "3");
        broker.settle();
        assertThat(outcomes).containsExactly(PublishOutcome.ACCEPTED, PublishOutcome.ACCEPTED, PublishOutcome.ACCEPTED);
        assertThat(broker.status("a").messages() + broker.status("b").messages())
                .isZero();
        assertThat(broker.status("passing").messages()).isZero();

        assertThat(commit(transaction)).isNull();
        assertThat(broker.drain("a")).containsExactly("1", "3");
        assertThat(broker.drain("b")).containsExactly("2");
        assertThat(broker.drain("passing")).containsExactly("1");
        assertThat(broker.store.pending()).isZero();
        assertThat(broker.afterCrash().drain("a")).containsExactly("1");
    }

    @Test
    void forgetsItsMessagesWhenItIsRolledBack() {
        broker.queue(QueueSpec.named("q")
                .limit(new QueueLimit(1, QueueLimit.UNLIMITED, Overflow.REJECT))
                .build());
        var transaction = begin();
        publish(broker.toQueue("q"), transaction, "1");
        broker.settle();

        rollback(transaction);
        assertThat(broker.status("q").messages()).isZero();
        assertThat(broker.store.pending()).isZero();
        assertThat(broker.toQueue("q").outcome(TestMessage.durable("2"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(commit(transaction)).isNotNull();
    }

    @Test
    void isNothingAfterACrashBeforeItsCommit() {
        broker = TestBroker.manual(2);
        broker.queue("a").queue("b");
        var transaction = begin();
        publish(broker.toQueue("a"), transaction, "1");
        publish(broker.toQueue("b"), transaction, "2");
        broker.settle();
        loop().within(() -> transaction.commit(ends::add));
        FakeLoop.settle(broker.loops);

        var killed = broker.afterCrash();
        assertThat(killed.drain("a")).isEmpty();
        assertThat(killed.drain("b")).isEmpty();
        broker.store.commit();
        var later = broker.afterCrash();
        assertThat(later.drain("a")).containsExactly("1");
        assertThat(later.drain("b")).containsExactly("2");
    }

    @Test
    void cannotBeCommittedAfterARefusal() {
        broker.queue("a")
                .queue(QueueSpec.named("full")
                        .limit(new QueueLimit(1, QueueLimit.UNLIMITED, Overflow.REJECT))
                        .build());
        var transaction = begin();
        publish(broker.toQueue("a"), transaction, "1");
        publish(broker.toQueue("full"), transaction, "2");
        publish(broker.toQueue("full"), transaction, "3");
        broker.settle();

        assertThat(outcomes.get(2)).isInstanceOf(PublishOutcome.Refused.class);
        Refusal refusal = commit(transaction);
        assertThat(refusal).isNotNull();
        assertThat(refusal.description()).contains("'full'");
        assertThat(broker.status("a").messages()).isZero();
        assertThat(broker.status("full").messages()).isZero();
        assertThat(broker.store.pending()).isZero();
    }

    @Test
    void waitsForRoomThatItsMessagesNeed() {
        broker.queue(QueueSpec.named("q")
                .limit(new QueueLimit(1, QueueLimit.UNLIMITED, Overflow.BLOCK))
                .build());
        broker.toQueue("q").outcome(TestMessage.durable("0"));
        var in = broker.toQueue("q");
        var transaction = begin();
        publish(in, transaction, "1");
        loop().within(() -> transaction.commit(ends::add));
        broker.settle();
        assertThat(ends).isEmpty();

        consumer("q").settleAll(Outcome.ACCEPTED);
        broker.settle();
        assertThat(ends).hasSize(1).containsOnlyNulls();
        assertThat(broker.status("q").published()).isEqualTo(2);
    }

    @Test
    void removesWhatItAcceptedWhenItIsCommitted() {
        broker.queue("q").queue(QueueSpec.named("passing").durable(false).build());
        for (String queue : List.of("q", "passing")) {
            broker.toQueue(queue).send(TestMessage.durable("1")).send(TestMessage.durable("2"));
            var out = consumer(queue);
            assertThat(out.texts()).containsExactly("1", "2");
            var transaction = begin();
            settleAll(out, Outcome.ACCEPTED, transaction, FAILED);
            out.close();
            assertThat(broker.drain(queue)).as("held by the transaction").isEmpty();
            assertThat(broker.status(queue).messages()).isEqualTo(2);

            assertThat(commit(transaction)).isNull();
            assertThat(broker.status(queue).messages()).isZero();
        }
        assertThat(broker.afterCrash().drain("q")).isEmpty();
    }

    @Test
    void undoesSettlementsAsEachSaid() {
        broker.queue("q");
        broker.toQueue("q").send(TestMessage.durable("1")).send(TestMessage.durable("2"));
        var out = consumer("q");
        var delivered = out.texts();
        var transaction = begin();
        loop().within(() -> {
            out.consumer.settle(out.deliveries.get(0), Outcome.ACCEPTED, transaction, FAILED);
            out.consumer.settle(out.deliveries.get(1), Outcome.ACCEPTED, transaction, null);
        });
        rollback(transaction);

        assertThat(delivered).containsExactly("1", "2");
        assertThat(out.texts())
                .as("the first comes again, the second is still there")
                .containsExactly("1", "2", "1");
        assertThat(out.deliveries.get(2).overlay().deliveryCount()).isEqualTo(1);
        loop().within(() -> out.consumer.settle(out.deliveries.get(1), Outcome.ACCEPTED, true));
        broker.settle();
        assertThat(out.settled).containsExactly(out.deliveries.get(1));
        assertThat(broker.status("q").messages()).isEqualTo(1);
    }

    @Test
    void returnsWhatAConsumerHeldThatIsGone() {
        broker.queue("q");
        broker.toQueue("q").send(TestMessage.durable("1"));
        var out = consumer("q");
        var transaction = begin();
        settleAll(out, Outcome.ACCEPTED, transaction, null);
        out.close();
        rollback(transaction);

        assertThat(broker.drain("q")).containsExactly("1");
    }

    @Test
    void tellsAConsumerThatWaitsForIt() {
        broker.queue("q");
        broker.toQueue("q").send(TestMessage.durable("1"));
        var out = consumer("q");
        var transaction = begin();
        settleAll(out, Outcome.ACCEPTED, transaction, null);
        assertThat(out.settled).isEmpty();

        assertThat(commit(transaction)).isNull();
        assertThat(out.settled).isEqualTo(out.deliveries);
    }

    @Test
    void movesWhatItRejectedAndCountsWhatFailed() {
        broker.queue(QueueSpec.named("q")
                .retry(new RetrySpec(2, RetrySpec.Backoff.FIXED, 0, 0, 0))
                .build());
        for (String text : List.of("rejected", "failed", "released", "kept")) {
            broker.toQueue("q").send(TestMessage.durable(text));
        }
        var out = consumer("q");
        out.texts();
        var transaction = begin();
        loop().within(() -> {
            out.consumer.settle(out.deliveries.get(0), new Outcome.Rejected(null, null), transaction, FAILED);
            out.consumer.settle(out.deliveries.get(1), FAILED, transaction, FAILED);
            out.consumer.settle(out.deliveries.get(2), Outcome.RELEASED, transaction, FAILED);
        });
        broker.settle();
        assertThat(broker.status("q").messages()).isEqualTo(4);

        assertThat(commit(transaction)).isNull();
        out.close();
        assertThat(broker.drain("dlq.q")).containsExactly("rejected");
        var again = broker.out(new Address.Queue("q", false)).credit(10);
        assertThat(again.texts()).containsExactly("failed", "released", "kept");
        assertThat(again.deliveries.get(0).overlay().attempts()).isEqualTo(1);

        var killed = broker.afterCrash();
        assertThat(killed.drain("dlq.q")).containsExactly("rejected");
        assertThat(killed.drain("q")).containsExactly("failed", "released", "kept");

        var second = begin();
        broker.settle();
        again.close();
        var last = consumer("q");
        last.texts();
        loop().within(() -> last.consumer.settle(last.deliveries.get(0), FAILED, second, null));
        assertThat(commit(second)).isNull();
        assertThat(broker.drain("dlq.q")).containsExactly("rejected", "failed");
        assertThat(broker.afterCrash().drain("dlq.q")).containsExactly("rejected", "failed");
    }

    @Test
    void isRolledBackWhenTheStoreDoesNotTakeIt() {
        broker.queue("q");
        broker.toQueue("q").send(TestMessage.durable("1"));
        var out = consumer("q");
        var transaction = begin();
        settleAll(out, Outcome.ACCEPTED, transaction, Outcome.RELEASED);
        broker.store.fail(new StoreException("no disk"));

        Refusal refusal = commit(transaction);
        assertThat(refusal).isNotNull();
        assertThat(refusal.condition()).isEqualTo(Condition.UNAVAILABLE);
        assertThat(out.texts()).containsExactly("1", "1");
    }

    @Test
    void endsWhenItIsTooOld() {
        broker = limited(new TransactionLimits(10, 10, 1000, 5_000));
        broker.queue("q");
        var transaction = begin();
        publish(broker.toQueue("q"), transaction, "1");
        broker.advance(5_000);

        assertThat(rolledBack).hasSize(1);
        assertThat(rolledBack.get(0).condition()).isEqualTo(Condition.TIMEOUT);
        assertThat(commit(transaction)).isEqualTo(rolledBack.get(0));
        publish(broker.toQueue("q"), transaction, "2");
        assertThat(outcomes.get(1)).isInstanceOf(PublishOutcome.Refused.class);
        assertThat(broker.store.pending()).isZero();
    }

    private static TestBroker limited(TransactionLimits limits) {
        return TestBroker.on(
                2,
                settings -> Changed.from(settings)
                        .limits(settings.limits().with(limits))
                        .settings());
    }

    @Test
    void isLimitedInNumberWorkAndBytes() {
        broker = limited(new TransactionLimits(2, 2, 10, 0));
        broker.queue("q");
        var first = begin();
        var second = begin();
        assertThatThrownBy(this::begin).isInstanceOf(RefusedException.class).hasMessageContaining("2 open");
        publish(broker.toQueue("q"), first, "1");
        publish(broker.toQueue("q"), first, "2");
        publish(broker.toQueue("q"), first, "3");
        publish(broker.toQueue("q"), second, "longer than ten bytes");

        assertThat(commit(first)).isNotNull();
        assertThat(commit(second)).isNotNull();
        begin();
    }

    /** Every message of two queues is in one of them, or in the hands of a consumer, exactly once, whenever it crashes. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void movesMessagesBetweenQueuesWholeAtAnyCrash(long seed) {
        var random = new Random(seed);
        broker = TestBroker.manual(1 + random.nextInt(3));
        broker.queue("left").queue("right");
        for (int i = 0; i < 20; i++) {
            broker.toQueue(i % 2 == 0 ? "left" : "right").send(TestMessage.durable("m" + i));
        }
        broker.settle();
        var movers = List.of(new Mover("left", "right", random), new Mover("right", "left", random));
        for (int i = 0; i < 300; i++) {
            movers.get(random.nextInt(2)).step();
            broker.step(random);
            if (random.nextInt(50) == 0) {
                var killed = broker.afterCrash();
                var all = new ArrayList<>(killed.drain("left"));
                all.addAll(killed.drain("right"));
                assertThat(all).as("step " + i).hasSize(20).doesNotHaveDuplicates();
            }
        }
        broker.settle();
        assertThat(movers.get(0).committed + movers.get(1).committed).isPositive();
    }

    /** Takes messages out of a queue and puts copies into another, some at a time. */
    private final class Mover {
        private final TestBroker.In in;
        private final TestBroker.Out out;
        private final Random random;
        private @Nullable Transaction transaction;
        private int next;
        private int committed;

        Mover(String from, String to, Random random) {
            this.random = random;
            in = broker.in(0, new Address.Queue(to, false), TestBroker.ALICE);
            out = broker.out(0, new Address.Queue(from, false), TestBroker.ALICE);
            loop().within(() -> out.consumer.flow(1_000, false));
        }

        void step() {
            var present = transaction;
            if (present == null) {
                transaction = begin();
            } else if (random.nextInt(4) == 0) {
                transaction = null;
                loop().within(() -> {
                    if (random.nextInt(3) == 0) {
                        present.rollback();
                    } else {
                        present.commit(failure -> {
                            assertThat(failure).isNull();
                            committed++;
                        });
                    }
                });
            } else if (next < out.deliveries.size()) {
                var delivery = out.deliveries.get(next++);
                loop().within(() -> {
                    out.consumer.settle(delivery, Outcome.ACCEPTED, present, Outcome.RELEASED);
                    in.publisher.publish(in.publisher.address(), delivery.message(), present, null);
                });
            }
        }
    }
}
