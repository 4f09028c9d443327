package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.FakeSpool;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.Topology.DeleteMode;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.queue.Admission;
import io.turnstone.router.topology.RouterLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Admission")
class AdmissionTest {

    private final TestBroker broker = TestBroker.on(3);

    private static QueueSpec limited(String name, int messages, Overflow overflow) {
        return QueueSpec.named(name)
                .limit(new QueueLimit(messages, QueueLimit.UNLIMITED, overflow))
                .build();
    }

    private static Refusal refusal(PublishOutcome outcome) {
        return ((PublishOutcome.Refused) outcome).refusal();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isForAllQueuesOrForNone(boolean durable) {
        broker.exchange("x", "fanout")
                .queue("a")
                .queue(limited("b", 2, Overflow.REJECT))
                .queue(limited("c", 10, Overflow.REJECT));
        broker.bind("x", "a", "").bind("x", "b", "").bind("x", "c", "");
        var in = broker.toExchange("x", "");
        for (int i = 0; i < 5; i++) {
            in.outcome(TestMessage.of(durable, null, Integer.toString(i)));
        }

        assertThat(in.outcomes.subList(0, 2)).containsOnly(PublishOutcome.ACCEPTED);
        var refusal = refusal(in.outcomes.get(4));
        assertThat(refusal.condition()).isEqualTo(Condition.LIMIT_EXCEEDED);
        assertThat(refusal.description()).isEqualTo("queue 'b' exceeded maximum length");
        assertThat(refusal.info()).isEqualTo(Map.of("queue", "b", "reason", "maxlen"));
        for (String queue : List.of("a", "b", "c")) {
            assertThat(broker.status(queue).messages()).as(queue).isEqualTo(2);
        }
        // What was given back can be used again.
        for (int i = 0; i < 8; i++) {
            assertThat(broker.toQueue("c").outcome(TestMessage.durable("c" + i)))
                    .isEqualTo(PublishOutcome.ACCEPTED);
        }
        assertThat(broker.toQueue("c").outcome(TestMessage.durable("c8"))).isNotEqualTo(PublishOutcome.ACCEPTED);
    }

    @Test
    void isGivenBackWhenTheStoreFails() {
        broker.queue(limited("q", 1, Overflow.REJECT));
        var in = broker.toQueue("q");
        broker.store.fail(new StoreException("fsync failed"));

        for (int i = 0; i < 3; i++) {
            var refusal = refusal(in.outcome(TestMessage.durable("x")));
            assertThat(refusal.condition()).isEqualTo(Condition.UNAVAILABLE);
            assertThat(refusal.description()).isEqualTo("the store cannot write: fsync failed");
        }
        broker.store.fail(StoreException.full("the disk is full", null));
        var full = refusal(in.outcome(TestMessage.durable("x")));
        assertThat(full.condition()).isEqualTo(Condition.LIMIT_EXCEEDED);
        assertThat(full.description()).isEqualTo("the store cannot write: the disk is full");
        assertThat(full.info()).isEqualTo(Map.of("reason", "disk-full"));

        broker.store.fail(null);
        assertThat(in.outcome(TestMessage.durable("1"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(broker.drain("q")).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendsWhatIsOverTheLimitToTheDeadLetterQueue(boolean durable) {
        broker.exchange("x", "fanout")
                .queue(limited("q", 1, Overflow.DEAD_LETTER))
                .queue("other");
        broker.bind("x", "q", "").bind("x", "other", "");
        var in = broker.toExchange("x", "");
        for (int i = 0; i < 4; i++) {
            in.send(TestMessage.of(durable, null, Integer.toString(i)));
        }
        broker.settle();

        assertThat(in.outcomes).hasSize(4).containsOnly(PublishOutcome.ACCEPTED);
        assertThat(broker.drain("q")).containsExactly("0");
        assertThat(broker.drain("other")).containsExactly("0", "1", "2", "3");
        var dead = broker.out(new Address.Queue("dlq.q", false)).credit(10);
        assertThat(dead.texts()).containsExactly("1", "2", "3");
        var death = dead.deliveries.get(0).overlay().deaths().get(0);
        assertThat(death.queue()).isEqualTo("q");
        assertThat(death.reason().symbol()).isEqualTo("maxlen");
        if (durable) {
            assertThat(broker.afterCrash().drain("dlq.q")).containsExactly("1", "2", "3");
        }
    }

    @Test
    void sendsWhatIsOverTheLimitWhereTheQueueSays() {
        broker.queue("dead");
        broker.queue(limited("q", 1, Overflow.DEAD_LETTER)
                .but()
                .deadLetter(new DeadLetter.ToQueue("dead"))
                .build());
        var in = broker.toQueue("q");

        in.outcome(TestMessage.durable("1"));
        in.outcome(TestMessage.durable("2"));

        assertThat(broker.drain("dead")).containsExactly("2");
        assertThat(broker.has("dlq.q")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"REJECT, false", "DROP_HEAD, false", "BLOCK, false", "DEAD_LETTER, true"})
    void takesNoMessageThatIsLargerThanTheWholeQueue(Overflow overflow, boolean kept) {
        broker.queue(QueueSpec.named("q")
                .limit(new QueueLimit(QueueLimit.UNLIMITED, 100, overflow))
                .build());
        var in = broker.toQueue("q");
        in.outcome(TestMessage.durable("1"));
        in.outcome(TestMessage.durable("2"));

        PublishOutcome outcome = in.outcome(TestMessage.durable("x".repeat(100)));

        if (kept) {
            assertThat(outcome).isEqualTo(PublishOutcome.ACCEPTED);
            assertThat(broker.drain("dlq.q")).hasSize(1);
        } else {
            assertThat(refusal(outcome).condition()).isEqualTo(Condition.LIMIT_EXCEEDED);
            assertThat(refusal(outcome).info()).isEqualTo(Map.of("queue", "q", "reason", "maxlen"));
        }
        assertThat(in.publisher.open()).isTrue();
        assertThat(broker.status("q").dropped()).isZero();
        assertThat(broker.drain("q")).containsExactly("1", "2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void holdsAPublisherWhileAQueueIsFullAndGoesOnInOrder(int loops) {
        var blocking = TestBroker.on(loops);
        blocking.exchange("x", "fanout").queue("free").queue(limited("q", 2, Overflow.BLOCK));
        blocking.bind("x", "q", "").bind("x", "free", "");
        var in = blocking.toExchange("x", "");
        for (int i = 0; i < 6; i++) {
            in.send(TestMessage.durable(Integer.toString(i)));
        }
        blocking.settle();

        assertThat(in.outcomes).hasSize(2);
        assertThat(in.flow).containsExactly(false);
        assertThat(in.publisher.open()).isFalse();
        assertThat(blocking.status("free").messages()).isEqualTo(2);

        var late = blocking.toQueue("q");
        assertThat(late.publisher.open()).isFalse();

        var out = blocking.out(new Address.Queue("q", false)).credit(100);
        while (out.deliveries.size() < 6) {
            int before = out.deliveries.size();
            out.settleAll(Outcome.ACCEPTED);
            assertThat(out.deliveries.size()).isGreaterThan(before);
        }
        out.settleAll(Outcome.ACCEPTED);
        assertThat(out.texts()).containsExactly("0", "1", "2", "3", "4", "5");
        assertThat(in.outcomes).hasSize(6).containsOnly(PublishOutcome.ACCEPTED);
        assertThat(in.publisher.open()).isTrue();
        assertThat(in.flow.get(in.flow.size() - 1)).isTrue();
        assertThat(late.publisher.open()).isTrue();
        assertThat(blocking.drain("free")).containsExactly("0", "1", "2", "3", "4", "5");
    }

    @Test
    void boundsWhatWaitsBehindABlockedMessage() {
        var small = TestBroker.on(
                1,
                s -> Changed.from(s)
                        .limits(new RouterLimits(
                                10,
                                10,
                                10,
                                3,
                                RouterLimits.DEFAULT.temporaryQueue(),
                                RouterLimits.DEFAULT.transactions(),
                                RouterLimits.DEFAULT.held(),
                                RouterLimits.DEFAULT.maxDelayMs()))
                        .settings());
        small.queue(limited("q", 1, Overflow.BLOCK));
        var in = small.toQueue("q");
        for (int i = 0; i < 6; i++) {
            in.send(TestMessage.durable(Integer.toString(i)));
        }
        small.settle();

        assertThat(in.outcomes).hasSize(3);
        assertThat(refusal(in.outcomes.get(1)).description())
                .isEqualTo("3 messages of this publisher wait already; respect the credit");
    }

    @Test
    void letsGoOfWhatWaitsForRoomWhenNobodyIsThereToHearOfIt() {
        broker.queue(limited("q", 1, Overflow.BLOCK));
        for (String text : List.of("1", "2", "3")) {
            var in = broker.toQueue("q");
            in.send(TestMessage.durable(text)).send(TestMessage.durable(text + " once more"));
            broker.settle();
            in.close();
        }
        assertThat(all("q")).containsExactly("1");
    }

    @Test
    void keepsSomeOfWhatWaitsForRoomAndNobodyWantsToHearOf() {
        broker.queue(limited("q", 1, Overflow.BLOCK));
        broker.toQueue("q").send(TestMessage.durable("first"));
        broker.settle();
        var large = "x".repeat(10 << 20);
        for (int i = 0; i < 9; i++) {
            var in = broker.toQueue("q");
            in.sendSettled(TestMessage.durable(large));
            broker.settle();
            in.close();
        }

        assertThat(all("q")).hasSize(1 + 6); // 64 MiB of them
        var in = broker.toQueue("q");
        assertThat(in.outcome(TestMessage.durable("as before"))).isEqualTo(PublishOutcome.ACCEPTED);
    }

    /** Takes and settles until nothing comes any more, however large. */
    private List<String> all(String queue) {
        var texts = new ArrayList<String>();
        int before;
        do {
            before = texts.size();
            var out = broker.out(new Address.Queue(queue, false)).credit(100);
            texts.addAll(out.texts());
            out.settleAll(Outcome.ACCEPTED).close();
        } while (texts.size() > before);
        return texts;
    }

    @Test
    void refusesWhatWaitsWhenTheQueueIsDeleted() {
        broker.queue(limited("q", 1, Overflow.BLOCK));
        var in = broker.toQueue("q");
        in.send(TestMessage.durable("1")).send(TestMessage.durable("2"));
        broker.settle();

        broker.get(broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS));

        assertThat(in.closed.condition()).isEqualTo(Condition.RESOURCE_DELETED);
        assertThat(refusal(in.outcomes.get(1)).condition()).isEqualTo(Condition.RESOURCE_DELETED);
    }

    @Test
    void refusesABodyTheStoreCannotCarry() {
        broker.queue("q");
        var huge = new TestMessage(true, null, null, 4, -1, Map.of(), Body.Inline.of(new byte[17 << 20]));

        var refusal = refusal(broker.toQueue("q").outcome(huge));
        assertThat(refusal.condition()).isEqualTo(Condition.LIMIT_EXCEEDED);
        assertThat(refusal.description()).isEqualTo("the message has 17825792 bytes; at most 16777216 are allowed");
    }

    @Test
    void pausesPublishersWhileMemoryOrTheStoreIsShort() {
        var small =
                TestBroker.on(2, s -> Changed.from(s).memoryBudgetBytes(1_000).settings());
        small.queue("q");
        var in = small.toQueue("q");
        in.outcome(TestMessage.fleeting("x".repeat(2_000)));

        small.advance(200);
        assertThat(in.publisher.open()).isFalse();
        assertThat(small.toQueue("q").publisher.open()).isFalse();

        small.out(new Address.Queue("q", false)).credit(1).settleAll(Outcome.ACCEPTED);
        small.advance(200);
        assertThat(in.publisher.open()).isTrue();

        small.store.congested(true);
        small.advance(200);
        assertThat(in.flow).containsExactly(false, true, false);
    }

    @Test
    void countsWhatMessagesCostBesideTheirBytes() {
        var small =
                TestBroker.on(2, s -> Changed.from(s).memoryBudgetBytes(10_000).settings());
        small.queue("q");
        var in = small.toQueue("q");
        for (int i = 0; i < 50; i++) {
            in.outcome(TestMessage.fleeting("x"));
        }

        small.advance(200);

        assertThat(in.publisher.open()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pausesALoopWhoseMessagesTheStoreCannotKeepUpWith(boolean settled) {
        var slow = TestBroker.manual(2);
        slow.queue("q").queue("other");
        var in = slow.toQueue("q");
        var neighbour = slow.toQueue("other");
        var elsewhere = slow.in(1, new Address.Queue("q", false), TestBroker.ALICE);
        var message = TestMessage.durable("x".repeat(1 << 20));
        for (int i = 0; i < 40; i++) {
            if (settled) {
                in.sendSettled(message);
            } else {
                in.send(message);
            }
        }

        assertThat(in.publisher.open()).isFalse();
        assertThat(neighbour.flow).containsExactly(false);
        assertThat(elsewhere.publisher.open()).isTrue();

        slow.settle();
        assertThat(in.publisher.open()).isTrue();
        assertThat(in.flow).containsExactly(false, true);
        assertThat(neighbour.flow).containsExactly(false, true);
        assertThat(slow.status("q").messages()).isEqualTo(40);
    }

    @Test
    void countsOnlyTheHeadsOfBodiesInFilesForThat() {
        var slow = TestBroker.manual(1);
        slow.queue("q");
        var in = slow.toQueue("q");
        var body = new FakeSpool(1 << 20).body(new byte[2 << 20], 100);
        for (int i = 0; i < 40; i++) {
            in.send(new TestMessage(true, null, null, 4, -1, Map.of(), body));
        }
        assertThat(in.publisher.open()).isTrue();

        slow.settle();
        assertThat(slow.status("q").messages()).isEqualTo(40);
        for (int i = 0; i < 40; i++) {
            in.send(TestMessage.durable("x".repeat(1 << 20)));
        }
        assertThat(in.publisher.open()).as("and comes out even").isFalse();
    }

    @Test
    void goesOnWhenRoomAppearsBeforeThePublisherWaits() {
        broker.queue(limited("q", 1, Overflow.BLOCK));
        var in = broker.toQueue("q");
        var queue = Objects.requireNonNull(broker.core.state().queue("q")).queue();
        assertThat(queue.admit(1)).isEqualTo(Admission.OK);
        in.onFlow = open -> {
            if (!open) {
                queue.unadmit(1); // as the fan-out of another loop does that found another queue full
            }
        };

        in.send(TestMessage.durable("1"));
        broker.settle();
        assertThat(in.outcomes).containsExactly(PublishOutcome.ACCEPTED);
        assertThat(in.publisher.open()).isTrue();

        in.onFlow = open -> {};
        in.send(TestMessage.durable("2")).send(TestMessage.durable("3"));
        var out = broker.out(new Address.Queue("q", false)).credit(10);
        out.settleAll(Outcome.ACCEPTED).settleAll(Outcome.ACCEPTED);
        assertThat(out.texts()).containsExactly("1", "2", "3");
    }

    @Test
    void countsWhatItTurnsAwayThoughNobodyWaitsToHearOfIt() {
        broker.exchange("x", "fanout").queue(limited("q", 1, Overflow.REJECT)).bind("x", "q", "");
        var in = broker.toExchange("x", "");
        for (int i = 0; i < 4; i++) {
            in.sendSettled(TestMessage.durable("x"));
        }

        assertThat(broker.status("q").dropped()).isEqualTo(3);
        assertThat(broker.core.exchangeStatus()).contains(new ExchangeStatus("x", 1, 0, 3));
    }

    @Test
    void leavesTheReservationsOfADeadLetterQueueToThoseWhoMadeThem() {
        broker.queue(limited("dead", 2, Overflow.REJECT));
        broker.queue(limited("q", 1, Overflow.DEAD_LETTER)
                .but()
                .deadLetter(new DeadLetter.ToQueue("dead"))
                .build());
        var dead = Objects.requireNonNull(broker.core.state().queue("dead")).queue();
        assertThat(dead.admit(1)).isEqualTo(Admission.OK);

        broker.toQueue("q").send(TestMessage.durable("1")).send(TestMessage.durable("2"));
        assertThat(broker.status("dead").messages()).isEqualTo(1);

        assertThat(dead.admit(1)).isEqualTo(Admission.REFUSED);
    }

    @Test
    void asksForPermissionOnce() {
        var asked = new ArrayList<String>();
        var strict = TestBroker.on(
                1,
                s -> Changed.from(s)
                        .authorizer((identity, action, resource) -> asked.add(resource))
                        .settings());
        strict.exchange("x", "topic").exchange("y", "topic").queue("q");
        var in = strict.in(new Address.Anonymous());
        for (int i = 0; i < 3; i++) {
            in.send(new Address.Exchange("x", "a"), TestMessage.durable("1"));
            in.send(new Address.Exchange("x", "b"), TestMessage.durable("1"));
            in.send(new Address.Exchange("y", "a"), TestMessage.durable("1"));
            in.send(new Address.Queue("q", false), TestMessage.durable("1"));
        }

        assertThat(asked).containsExactly("/exchanges/x/a", "/exchanges/x/b", "/exchanges/y/a", "/queues/q");
    }

    @Test
    void refusesEverythingWhenTheBrokerStops() {
        var slow = TestBroker.manual(2);
        slow.queue("q");
        var in = slow.toQueue("q");
        in.send(TestMessage.durable("1"));
        var stopped = slow.core.stop().toCompletableFuture();
        FakeLoop.settle(slow.loops);
        in.send(TestMessage.durable("2"));

        assertThat(stopped).isNotDone();
        slow.advance(10);
        assertThat(stopped).isCompleted();
        assertThat(refusal(in.outcomes.get(0)).condition()).isEqualTo(Condition.UNAVAILABLE);
        assertThat(in.outcomes.get(1)).isEqualTo(PublishOutcome.ACCEPTED);
    }
}
