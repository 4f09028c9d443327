package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.queue.HeldLimit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A consumer with a claim")
class ClaimingConsumerTest {

    private static final Address Q = new Address.Queue("q", false);
    private static final byte[] NOTE = "a note".getBytes(StandardCharsets.UTF_8);

    private TestBroker broker = TestBroker.on(2);

    private static ConsumerRequest claiming(String queue) {
        return ConsumerRequest.of(new Address.Queue(queue, false), TestBroker.ALICE, ConsumerRequest.Mode.TAKE, 1 << 20)
                .under(new ConsumerRequest.Claim("c", NOTE));
    }

    private TestBroker.Out link(int loop) {
        return broker.out(loop, claiming("q"));
    }

    @BeforeEach
    void declare() {
        broker.queue(QueueSpec.named("q").build());
    }

    private void publish(int count) {
        TestBroker.In in = broker.toQueue("q");
        for (int i = 0; i < count; i++) {
            in.send(TestMessage.durable("m" + i));
        }
        broker.settle();
    }

    private static List<String> texts(List<Delivery> deliveries) {
        return deliveries.stream()
                .map(each -> TestMessage.textOf(each.message()))
                .toList();
    }

    private static List<Long> positions(List<Delivery> deliveries) {
        return deliveries.stream().map(Delivery::position).toList();
    }

    private List<String> drained() {
        return drained(1);
    }

    private List<String> drained(int loop) {
        return broker.out(loop, Q, TestBroker.BOB).credit(10_000).texts();
    }

    private void crash() {
        broker = broker.afterCrash();
    }

    private long claimsInStore() {
        return broker.store.definitions("claim").size();
    }

    @Test
    void holdsAfterACrashWhatItHeldAndNobodyElseGetsThat() {
        publish(5);
        TestBroker.Out before = link(0).credit(3);
        assertThat(before.consumer.claims()).isTrue();
        crash();

        assertThat(broker.core.claims()).containsOnlyKeys("c");
        assertThat(broker.core.claims().get("c")).isEqualTo(NOTE);
        TestBroker.Out other = broker.out(1, Q, TestBroker.BOB).credit(10);
        assertThat(other.texts()).containsExactly("m3", "m4");
        TestBroker.Out after = link(1);
        List<Delivery> held = after.consumer.claimed();
        assertThat(texts(held)).containsExactly("m0", "m1", "m2");
        assertThat(positions(held)).isEqualTo(positions(before.deliveries));
        after.settle(held.get(1), Outcome.ACCEPTED);
        assertThat(after.settled).containsExactly(held.get(1));
        after.settle(held.get(0), Outcome.RELEASED);
        assertThat(other.texts()).containsExactly("m3", "m4", "m0");
        assertThat(claimsInStore()).isEqualTo(1);
    }

    @Test
    void leavesNothingInTheStoreOfWhatIsSettled() {
        publish(3);
        TestBroker.Out link = link(0).credit(3);
        assertThat(claimsInStore()).isEqualTo(3);
        for (Delivery delivery : link.deliveries) {
            link.settle(delivery, Outcome.ACCEPTED);
        }
        assertThat(claimsInStore()).isZero();
        crash();
        assertThat(broker.core.claims()).isEmpty();
    }

    @Test
    void givesBackAtTheOldPlaceWhatIsRenounced() {
        publish(200);
        TestBroker.Out link = link(0).credit(100);
        for (int i = 0; i < 100; i += 2) {
            link.settle(link.deliveries.get(i), Outcome.RELEASED);
        }
        crash();

        broker.core.renounce("c");
        broker.settle();
        var all = drained();
        assertThat(all).hasSize(200);
        assertThat(all).startsWith("m0", "m1", "m2", "m3").endsWith("m198", "m199");
        assertThat(claimsInStore()).isZero();
        assertThat(link(0).consumer.claimed()).isEmpty();
    }

    @Test
    void getsADeliveryOnlyWhenItsClaimIsDurable() {
        broker = TestBroker.manual(2);
        broker.queue(QueueSpec.named("q").build());
        publish(2);
        TestBroker.Out link = link(0);
        broker.loops[0].within(() -> link.consumer.flow(2, true));
        FakeLoop.settle(broker.loops);
        assertThat(link.deliveries).isEmpty();
        assertThat(link.drained).isFalse();

        broker.settle();
        assertThat(link.texts()).containsExactly("m0", "m1");
        assertThat(link.drained).isTrue();
    }

    @Test
    void isToldThatItIsDrainedBehindWhatItGets() {
        publish(2);
        TestBroker.Out link = link(0);
        link.onDelivery = delivery -> assertThat(link.drained).isFalse();
        broker.loops[0].within(() -> link.consumer.flow(5, true));
        assertThat(link.texts()).containsExactly("m0", "m1");
        assertThat(link.drained).isTrue();
    }

    @Test
    void endsWhenItsClaimsCannotBeWrittenAndNobodyLosesAnything() {
        publish(2);
        TestBroker.Out link = link(0);
        broker.store.fail(new StoreException("no disk"));
        link.credit(2);
        assertThat(link.deliveries).isEmpty();
        assertThat(link.closed).isNotNull();
        broker.store.fail(null);
        assertThat(drained()).containsExactly("m0", "m1");
    }

    @Test
    void hearsThatTheDiskIsFullAndNothingIsLostWhateverHappensThen() {
        publish(3);
        TestBroker.Out link = link(0).credit(1);
        assertThat(link.texts()).containsExactly("m0");
        broker.store.fail(StoreException.full("no space left on the disk", null));
        link.credit(2);
        assertThat(link.texts()).as("what is not claimed is not sent").containsExactly("m0");
        assertThat(link.closed.condition()).isEqualTo(Condition.LIMIT_EXCEEDED);
        assertThat(link.closed.info()).containsEntry("reason", StoreException.DISK_FULL);
        assertThat(link.closed.description()).contains("no space left on the disk");
        broker.store.fail(null);
        crash();

        List<String> present = new ArrayList<>(texts(link(1).consumer.claimed()));
        present.addAll(drained(0));
        assertThat(present).containsExactlyInAnyOrder("m0", "m1", "m2");
    }

    @Test
    void givesBackWhatIsOnItsWayWhenItIsSuspended() {
        broker = TestBroker.manual(2);
        broker.queue(QueueSpec.named("q").build());
        publish(2);
        TestBroker.Out link = link(0);
        broker.loops[0].within(() -> link.consumer.flow(2, false));
        FakeLoop.settle(broker.loops);
        broker.loops[0].within(() -> link.consumer.suspend());
        broker.settle();
        assertThat(link.deliveries).isEmpty();
        assertThat(drained()).containsExactly("m0", "m1");
        broker.settle();
        assertThat(claimsInStore()).isZero();
    }

    @Test
    void claimsNothingThatItGivesBackInTheSameTurn() {
        broker = TestBroker.manual(1);
        broker.queue(QueueSpec.named("q").build());
        publish(2);
        for (boolean suspended : new boolean[] {true, false}) {
            TestBroker.Out link = link(0);
            broker.loops[0].within(() -> {
                link.consumer.flow(2, false);
                broker.loops[0].atEndOfTurn(() -> {
                    if (suspended) {
                        link.consumer.suspend();
                    } else {
                        link.consumer.close(false);
                    }
                });
            });
            broker.settle();
            assertThat(link.deliveries).isEmpty();
            assertThat(claimsInStore()).isZero();
        }
        assertThat(drained(0)).containsExactly("m0", "m1");
    }

    @Test
    void mayTakeFromADurableSubscription() {
        var key = new Subscription.Key("app", "all", false, true, 0);
        var to = new Subscription(key, new Address.Topic("news"), Subscription.Selection.ALL, Message.NONE);
        ConsumerRequest request = ConsumerRequest.of(
                        new Address.Subscribed(to), TestBroker.ALICE, ConsumerRequest.Mode.TAKE, 1 << 20)
                .under(new ConsumerRequest.Claim("c", NOTE));
        TestBroker.Out before = broker.out(0, request).credit(1);
        TestBroker.In news = broker.in(1, new Address.Topic("news"), TestBroker.ALICE);
        news.send(TestMessage.durable("a"));
        news.send(TestMessage.durable("b"));
        assertThat(before.texts()).containsExactly("a");
        crash();

        TestBroker.Out after = broker.out(0, request);
        assertThat(texts(after.consumer.claimed())).containsExactly("a");
        assertThat(after.credit(5).texts()).containsExactly("b");
    }

    @Test
    void claimsNothingFromAQueueThatIsNotDurable() {
        broker.queue(QueueSpec.named("v").durable(false).build());
        assertThat(broker.out(0, claiming("v")).consumer.claims()).isFalse();
    }

    @Test
    void keepsFromExpiringWhatItHoldsAndNothingElse() {
        broker.queue(QueueSpec.named("short").ttlMs(1_000).build());
        broker.toQueue("short").send(TestMessage.durable("a"));
        broker.settle();
        TestBroker.Out link = broker.out(0, claiming("short")).credit(1);
        assertThat(link.texts()).containsExactly("a");
        crash();
        broker.advance(2_000);
        assertThat(broker.status("short").unsettled()).isEqualTo(1);

        broker.core.renounce("c");
        broker.advance(2_000);
        assertThat(broker.status("short").unsettled()).isZero();
        assertThat(broker.status("short").ready()).isZero();
        assertThat(broker.status("short").expired()).isEqualTo(1);
    }

    @Test
    void isKeptAsMuchAfterACrashAsTheLimitSays() {
        broker = TestBroker.on(
                1,
                s -> Changed.from(s)
                        .limits(s.limits().with(new HeldLimit(64, 1 << 20)))
                        .settings());
        broker.queue(QueueSpec.named("q").build());
        publish(200);
        link(0).credit(200);
        crash();

        List<String> others = drained(0);
        assertThat(texts(link(0).consumer.claimed()))
                .hasSize(64)
                .startsWith("m0")
                .endsWith("m63");
        assertThat(others).hasSize(136).startsWith("m64").endsWith("m199");
    }

    @Test
    void losesItsClaimsWithTheQueue() {
        publish(3);
        link(0).credit(3);
        crash();
        broker.get(broker.core.topology().deleteQueue("q", Topology.DeleteMode.ALWAYS));
        broker.settle();
        assertThat(claimsInStore()).isZero();
    }

    /** Crash after crash with consumers that settle at random: each message is accepted once. */
    @Test
    void isAskedForEachMessageOnceOverManyCrashes() {
        for (long seed = 1; seed <= 6; seed++) {
            var random = new Random(seed);
            broker = TestBroker.on(2);
            broker.queue(QueueSpec.named("q").priorities(1 + random.nextInt(3)).build());
            publish(300);
            var accepted = new ArrayList<Long>();
            var heldBefore = new TreeSet<Long>();
            for (int round = 0; round < 8; round++) {
                TestBroker.Out link = link(random.nextInt(2));
                List<Delivery> held = link.consumer.claimed();
                assertThat(new TreeSet<>(positions(held))).isEqualTo(heldBefore);
                TestBroker.Out other = broker.out(1, Q, TestBroker.BOB).credit(random.nextInt(20));
                link.credit(random.nextInt(60));
                other.credit(random.nextInt(20));
                var holding = new ArrayList<>(held);
                holding.addAll(link.deliveries);
                heldBefore.clear();
                for (Delivery delivery : holding) {
                    int choice = random.nextInt(4);
                    if (choice == 0) {
                        accepted.add(delivery.position());
                        link.settle(delivery, Outcome.ACCEPTED);
                    } else if (choice == 1) {
                        link.settle(delivery, Outcome.RELEASED);
                        assertThat(link.deliveries.get(link.deliveries.size() - 1))
                                .isNotNull();
                    } else {
                        heldBefore.add(delivery.position());
                    }
                }
                link.deliveries.stream()
                        .filter(delivery -> !holding.contains(delivery))
                        .forEach(delivery -> heldBefore.add(delivery.position()));
                crash();
            }
            broker.core.renounce("c");
            broker.settle();
            TestBroker.Out rest = broker.out(1, Q, TestBroker.BOB).credit(10_000);
            rest.deliveries.forEach(delivery -> accepted.add(delivery.position()));
            assertThat(accepted).doesNotHaveDuplicates().hasSize(300);
        }
    }
}
