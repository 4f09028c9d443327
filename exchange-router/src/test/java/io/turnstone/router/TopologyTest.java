package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology;
import io.turnstone.api.Topology.Declared;
import io.turnstone.api.Topology.DeleteMode;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.topology.RouterLimits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The topology")
class TopologyTest {

    private final TestBroker broker = TestBroker.on(3);
    private final Topology topology = broker.core.topology();

    @Test
    void takesAnEqualDeclarationForTheSame() {
        var spec = QueueSpec.named("q").ttlMs(1000).build();

        assertThat(broker.get(topology.declareQueue(spec, Owner.CLIENT))).isEqualTo(Declared.CREATED);
        assertThat(broker.get(topology.declareQueue(spec, Owner.CLIENT))).isEqualTo(Declared.EXISTED);
        assertThat(topology.queue("q")).contains(spec);

        var exchange = ExchangeSpec.of("x", "topic");
        assertThat(broker.get(topology.declareExchange(exchange, Owner.CLIENT))).isEqualTo(Declared.CREATED);
        assertThat(broker.get(topology.declareExchange(exchange, Owner.CLIENT))).isEqualTo(Declared.EXISTED);

        var binding = new Binding("x", "q", false, "a.#", Map.of());
        assertThat(broker.get(topology.bind(binding, Owner.CLIENT))).isEqualTo(Declared.CREATED);
        assertThat(broker.get(topology.bind(binding, Owner.CLIENT))).isEqualTo(Declared.EXISTED);
        assertThat(topology.bindings("x")).containsExactly(binding);
    }

    @Test
    void refusesADifferentDeclarationAndNamesTheKeysWithBothValues() {
        broker.queue(QueueSpec.named("q").ttlMs(1000).priorities(10).build());

        var refusal = broker.refusal(() -> topology.declareQueue(
                QueueSpec.named("q").ttlMs(5000).durable(false).priorities(10).build(), Owner.CLIENT));

        assertThat(refusal.condition()).isEqualTo(Condition.PRECONDITION_FAILED);
        assertThat(refusal.description())
                .isEqualTo(
                        "queue 'q' exists with other values: durable is true, not false; ttl is 1000 ms, not 5000 ms");
        assertThat(refusal.info()).containsEntry("keys", List.of("durable", "ttl"));

        broker.exchange("x", "topic");
        assertThat(broker.refusal(() -> topology.declareExchange(ExchangeSpec.of("x", "fanout"), Owner.CLIENT))
                        .description())
                .isEqualTo("exchange 'x' exists with other values: type is topic, not fanout");
    }

    @Test
    void disregardsArgumentsOfQueuesBecauseTheyAreInTheOtherFields() {
        broker.queue("q");

        var same =
                QueueSpec.named("q").arguments(Map.of("x-queue-type", "quorum")).build();
        assertThat(broker.get(topology.declareQueue(same, Owner.CLIENT))).isEqualTo(Declared.EXISTED);
    }

    @Test
    void refusesWhatIsNotThere() {
        broker.exchange("x", "topic").queue("q");

        assertThat(missing(new Binding("absent", "q", false, "", Map.of()))).isEqualTo("no exchange 'absent'");
        assertThat(missing(new Binding("x", "absent", false, "", Map.of()))).isEqualTo("no queue 'absent'");
        assertThat(missing(new Binding("x", "absent", true, "", Map.of()))).isEqualTo("no exchange 'absent'");
        var orphan = new ExchangeSpec("y", "topic", true, false, false, "absent", Map.of());
        assertThat(broker.refusal(() -> topology.declareExchange(orphan, Owner.CLIENT))
                        .description())
                .isEqualTo("no exchange 'absent'");
        assertThat(broker.refusal(() -> topology.purge("absent")).condition()).isEqualTo(Condition.NOT_FOUND);
    }

    private String missing(Binding binding) {
        var refusal = broker.refusal(() -> topology.bind(binding, Owner.CLIENT));
        assertThat(refusal.condition()).isEqualTo(Condition.NOT_FOUND);
        return refusal.description();
    }

    @Test
    void refusesReservedNamesUnknownTypesAndKeysATypeDoesNotTake() {
        broker.exchange("x", "topic").queue("q");

        assertThat(broker.refusal(() ->
                                topology.declareQueue(QueueSpec.named("amq.q").build(), Owner.CLIENT))
                        .condition())
                .isEqualTo(Condition.NOT_ALLOWED);
        assertThat(broker.refusal(() -> topology.declareExchange(ExchangeSpec.of("y", "weird"), Owner.CLIENT))
                        .description())
                .isEqualTo("exchange 'y': type 'weird' must be one of direct, fanout, headers, topic");
        var key = new Binding("x", "q", false, "#.#.#.#.#.#.#.#.#", Map.of());
        assertThat(broker.refusal(() -> topology.bind(key, Owner.CLIENT)).condition())
                .isEqualTo(Condition.INVALID);
        assertThat(topology.bindings("x")).isEmpty();
    }

    @Test
    void keepsWithinItsLimits() {
        var small = TestBroker.on(
                1,
                s -> Changed.from(s)
                        .limits(new RouterLimits(
                                1,
                                1,
                                1,
                                10,
                                RouterLimits.DEFAULT.temporaryQueue(),
                                RouterLimits.DEFAULT.transactions(),
                                RouterLimits.DEFAULT.held(),
                                RouterLimits.DEFAULT.maxDelayMs()))
                        .settings());
        small.exchange("x", "topic").queue("q").bind("x", "q", "a");

        var there = small.core.topology();
        assertThat(small.refusal(() -> there.declareQueue(QueueSpec.named("r").build(), Owner.CLIENT))
                        .description())
                .isEqualTo("there are 1 queues already; at most 1 are allowed");
        assertThat(small.refusal(() -> there.declareExchange(ExchangeSpec.of("y", "topic"), Owner.CLIENT))
                        .condition())
                .isEqualTo(Condition.LIMIT_EXCEEDED);
        var second = new Binding("x", "q", false, "b", Map.of());
        assertThat(small.refusal(() -> there.bind(second, Owner.CLIENT)).condition())
                .isEqualTo(Condition.LIMIT_EXCEEDED);
    }

    @Test
    void deletesAQueueWithItsMessagesAndBindings() {
        broker.exchange("x", "fanout").queue("q").bind("x", "q", "");
        broker.toExchange("x", "").outcome(TestMessage.durable("1"));
        var in = broker.toQueue("q");
        var out = broker.out(new Address.Queue("q", false));

        var busy = broker.refusal(() -> topology.deleteQueue("q", DeleteMode.IF_EMPTY_AND_UNUSED));
        assertThat(busy.condition()).isEqualTo(Condition.PRECONDITION_FAILED);
        assertThat(broker.get(topology.deleteQueue("q", DeleteMode.ALWAYS))).isEqualTo(1);

        assertThat(broker.has("q")).isFalse();
        assertThat(topology.bindings("x")).isEmpty();
        assertThat(in.closed.condition()).isEqualTo(Condition.RESOURCE_DELETED);
        assertThat(out.closed.condition()).isEqualTo(Condition.RESOURCE_DELETED);
        assertThat(broker.get(topology.deleteQueue("q", DeleteMode.ALWAYS))).isZero();
        assertThat(broker.events).contains(new BrokerEvent.QueueDeleted("q"));
        assertThat(broker.afterCrash().has("q")).isFalse();
    }

    @Test
    void deletesAnExchangeWithTheBindingsFromAndToIt() {
        broker.exchange("a", "fanout").exchange("x", "fanout").queue("q");
        broker.bindExchange("a", "x", "").bind("x", "q", "");
        var in = broker.toExchange("x", "");

        var bound = broker.refusal(() -> topology.deleteExchange("x", DeleteMode.IF_EMPTY_AND_UNUSED));
        assertThat(bound.condition()).isEqualTo(Condition.PRECONDITION_FAILED);
        broker.get(topology.deleteExchange("x", DeleteMode.ALWAYS));

        assertThat(topology.exchange("x")).isEmpty();
        assertThat(topology.bindings("a")).isEmpty();
        assertThat(in.closed.description()).isEqualTo("exchange 'x' was deleted");
        var next = broker.afterCrash().core.topology();
        assertThat(next.exchange("x")).isEmpty();
        assertThat(next.bindings("a")).isEmpty();
    }

    @Test
    void deletesAnAutoDeleteExchangeWithItsLastBinding() {
        broker.exchange(new ExchangeSpec("first", "fanout", true, true, false, null, Map.of()))
                .exchange(new ExchangeSpec("second", "fanout", true, true, false, null, Map.of()))
                .queue("q")
                .queue("r");
        broker.bindExchange("first", "second", "").bind("second", "q", "").bind("second", "r", "");

        broker.get(topology.deleteQueue("q", DeleteMode.ALWAYS));
        assertThat(topology.exchange("second")).isPresent();

        broker.get(topology.deleteQueue("r", DeleteMode.ALWAYS));
        assertThat(topology.exchanges()).isEmpty();
        assertThat(broker.afterCrash().core.topology().exchanges()).isEmpty();
    }

    @Test
    void survivesACrashWithoutUsingANumberTwice() {
        broker.exchange("x", "topic").exchange("y", "fanout").queue("a").queue("b");
        broker.bind("x", "a", "k.#").bindExchange("x", "y", "z");
        broker.queue(QueueSpec.named("fleeting").durable(false).build());
        broker.exchange(new ExchangeSpec("gone", "fanout", false, false, false, null, Map.of()));
        int last = broker.core.state().queue("b").queue().id();
        broker.get(topology.deleteQueue("b", DeleteMode.ALWAYS));

        var next = broker.afterCrash();
        next.queue("c");

        assertThat(next.core.topology().queues()).extracting(QueueSpec::name).containsExactlyInAnyOrder("a", "c");
        assertThat(next.core.topology().exchanges())
                .extracting(ExchangeSpec::name)
                .containsExactlyInAnyOrder("x", "y");
        assertThat(next.core.topology().bindings("x")).hasSize(2);
        assertThat(next.core.state().queue("c").queue().id()).isGreaterThan(last);
    }

    @Test
    void isSeenByNobodyBeforeItIsDurable() {
        var slow = TestBroker.manual(1);
        var declared = slow.core
                .topology()
                .declareQueue(QueueSpec.named("q").build(), Owner.CLIENT)
                .toCompletableFuture();
        FakeLoop.settle(slow.loops);

        assertThat(declared).isNotDone();
        assertThat(slow.core.topology().queue("q")).isEmpty();
        slow.settle();
        assertThat(declared).isCompletedWithValue(Declared.CREATED);
    }

    @Test
    void refusesAChangeTheStoreCannotKeepAndTakesTheNext() {
        broker.store.fail(new StoreException("the disk is full"));
        var refusal =
                broker.refusal(() -> topology.declareQueue(QueueSpec.named("q").build(), Owner.CLIENT));
        assertThat(refusal.condition()).isEqualTo(Condition.UNAVAILABLE);
        assertThat(broker.has("q")).isFalse();

        broker.store.fail(null);
        assertThat(broker.queue("q").has("q")).isTrue();
    }

    @Test
    void spreadsQueuesOverTheLoops() {
        for (int i = 0; i < 9; i++) {
            broker.queue("q" + i);
        }
        for (int loop = 0; loop < 3; loop++) {
            int index = loop;
            assertThat(broker.core.state().queueList())
                    .filteredOn(entry -> entry.queue().home().index() == index)
                    .hasSize(3);
        }
    }
}
