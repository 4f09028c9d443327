package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.DeleteMode;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.exchange.TestMessage;
import io.turnstone.router.topology.ApplyReport;
import io.turnstone.router.topology.DeclaredTopology;
import io.turnstone.router.topology.QueuePolicy;
import io.turnstone.router.topology.RouterLimits;
import io.turnstone.router.topology.TopologyProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A declared topology")
class DeclaredTopologyTest {

    private final TestBroker broker = TestBroker.on(2);

    private static DeclaredTopology declared(
            List<QueueSpec> queues, List<ExchangeSpec> exchanges, Binding... bindings) {
        return new DeclaredTopology(queues, exchanges, List.of(bindings), List.of());
    }

    private static QueueSpec queue(String name) {
        return QueueSpec.named(name).build();
    }

    private static Binding binding(String exchange, String queue, String key) {
        return new Binding(exchange, queue, false, key, Map.of());
    }

    private static ExchangeSpec alternate(String name, String alternate) {
        return new ExchangeSpec(name, "topic", true, false, false, alternate, Map.of());
    }

    private ApplyReport apply(DeclaredTopology declared) {
        return broker.get(broker.core.apply(declared));
    }

    @Test
    void isAppliedAsAWhole() {
        var report =
                apply(declared(List.of(queue("q")), List.of(ExchangeSpec.of("x", "topic")), binding("x", "q", "a.#")));

        assertThat(report.applied()).isTrue();
        assertThat(report.created())
                .containsExactly("exchange 'x'", "queue 'q'", "binding of exchange 'x' to 'q' with key 'a.#'");
        broker.toExchange("x", "a.b").outcome(TestMessage.durable("1"));
        assertThat(broker.drain("q")).containsExactly("1");

        var again =
                apply(declared(List.of(queue("q")), List.of(ExchangeSpec.of("x", "topic")), binding("x", "q", "a.#")));
        assertThat(again).isEqualTo(new ApplyReport(List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void namesEveryProblemAndAppliesNothing() {
        var report = apply(new DeclaredTopology(
                List.of(
                        queue("q"),
                        queue("q"),
                        queue("amq.q"),
                        QueueSpec.named("d")
                                .deadLetter(new DeadLetter.ToQueue("absent"))
                                .build()),
                List.of(
                        ExchangeSpec.of("x", "weird"),
                        alternate("a", "b"),
                        alternate("b", "a"),
                        alternate("c", "absent")),
                List.of(binding("absent", "q", ""), binding("a", "absent", ""), binding("a", "q", "#.#.#.#.#.#.#.#.#")),
                List.of(new QueuePolicy(
                        "*", 5, Message.NONE, null, null, new DeadLetter.ToExchange("absent", ""), null))));

        assertThat(report.applied()).isFalse();
        assertThat(report.problems())
                .extracting(
                        problem -> problem.kind() + " " + problem.name() + " " + problem.index() + " " + problem.key())
                .containsExactly(
                        "QUEUE q 1 ",
                        "QUEUE amq.q 2 ",
                        "QUEUE d 3 dead-letter",
                        "EXCHANGE x 0 type",
                        "EXCHANGE a 1 alternate",
                        "EXCHANGE b 2 alternate",
                        "EXCHANGE c 3 alternate",
                        "BINDING absent 0 exchange",
                        "BINDING a 1 queue",
                        "BINDING a 2 key",
                        "POLICY * 0 dead-letter");
        assertThat(report.problems())
                .extracting(TopologyProblem::message)
                .contains(
                        "queue 'q' is declared twice; remove one",
                        "exchange 'a': its alternate 'b' leads back to it; break the cycle",
                        "binding of exchange 'a': there is no queue 'absent'; declare it or correct the name");
        assertThat(broker.core.topology().queues()).isEmpty();
    }

    @Test
    void isRefusedAsAWholeWhenThereIsNoRoomForIt() {
        var small = TestBroker.on(
                1,
                s -> Changed.from(s)
                        .limits(new RouterLimits(
                                3,
                                1,
                                1,
                                10,
                                RouterLimits.DEFAULT.temporaryQueue(),
                                RouterLimits.DEFAULT.transactions(),
                                RouterLimits.DEFAULT.held(),
                                RouterLimits.DEFAULT.maxDelayMs()))
                        .settings());
        small.queue("client");
        var fits = declared(
                List.of(queue("client"), queue("a"), queue("b")),
                List.of(ExchangeSpec.of("x", "topic")),
                binding("x", "a", "k"));
        var over = new DeclaredTopology(
                List.of(queue("client"), queue("a"), queue("b"), queue("c")),
                List.of(ExchangeSpec.of("x", "topic"), ExchangeSpec.of("y", "topic")),
                List.of(binding("x", "a", "k"), binding("x", "b", "k")),
                List.of());

        var refused = small.get(small.core.apply(over));
        assertThat(refused.problems())
                .containsExactly(
                        new TopologyProblem(
                                TopologyProblem.Kind.QUEUE,
                                "c",
                                3,
                                "",
                                "queue 'c': there are 1 already and 3 are new; at most 3 queues are allowed"),
                        new TopologyProblem(
                                TopologyProblem.Kind.EXCHANGE,
                                "y",
                                1,
                                "",
                                "exchange 'y': there are 0 already and 2 are new; at most 1 exchanges are allowed"),
                        new TopologyProblem(
                                TopologyProblem.Kind.BINDING,
                                "x",
                                1,
                                "",
                                "binding of exchange 'x': there are 0 already and 2 are new; at most 1 bindings are"
                                        + " allowed"));
        assertThat(small.core.topology().queues()).containsExactly(queue("client"));
        assertThat(small.core.topology().exchanges()).isEmpty();

        assertThat(small.get(small.core.apply(fits)).problems()).isEmpty();
        assertThat(small.get(small.core.apply(fits)).problems()).isEmpty();
        assertThat(small.core.topology().queues()).hasSize(3);
    }

    @Test
    void isOwnedByTheConfiguration() {
        apply(declared(
                List.of(QueueSpec.named("q").ttlMs(1000).build()),
                List.of(ExchangeSpec.of("x", "topic")),
                binding("x", "q", "a")));
        var topology = broker.core.topology();

        var different = broker.refusal(() -> topology.declareQueue(queue("q"), Owner.CLIENT));
        assertThat(different.condition()).isEqualTo(Condition.PRECONDITION_FAILED);
        assertThat(different.description())
                .isEqualTo("queue 'q' is declared in the configuration with other values: ttl is 1000 ms, not none");
        assertThat(broker.refusal(() -> topology.deleteQueue("q", DeleteMode.ALWAYS))
                        .description())
                .isEqualTo("queue 'q' is declared in the configuration; remove it there");
        assertThat(broker.refusal(() -> topology.deleteExchange("x", DeleteMode.ALWAYS))
                        .condition())
                .isEqualTo(Condition.PRECONDITION_FAILED);
        assertThat(broker.refusal(() -> topology.unbind(binding("x", "q", "a"))).condition())
                .isEqualTo(Condition.PRECONDITION_FAILED);
    }

    @Test
    void deletesWhatLeftItUnlessItIsInUse() {
        apply(declared(
                List.of(queue("empty"), queue("full"), queue("used")),
                List.of(ExchangeSpec.of("free", "topic"), ExchangeSpec.of("bound", "topic")),
                binding("free", "empty", "a"),
                binding("bound", "full", "a")));
        broker.queue("client").bind("bound", "client", "k");
        broker.toQueue("full").outcome(TestMessage.durable("1"));
        broker.out(new Address.Queue("used", false));

        var report = apply(DeclaredTopology.NONE);

        assertThat(report.deleted()).contains("queue 'empty'", "exchange 'free'");
        assertThat(report.left())
                .extracting(TopologyProblem::message)
                .containsExactlyInAnyOrder(
                        "queue 'full' left the configuration but is in use and stays:"
                                + " queue 'full' has messages: purge it first",
                        "queue 'used' left the configuration but is in use and stays:"
                                + " queue 'used' has consumers: close them first",
                        "exchange 'bound' left the configuration but has bindings and stays");
        assertThat(broker.core.topology().queues())
                .extracting(QueueSpec::name)
                .containsExactlyInAnyOrder("full", "used", "client");
        assertThat(broker.core.topology().bindings("bound")).containsExactly(binding("bound", "client", "k"));
    }

    @Test
    void deletesAfterARestartWhatLeftItMeanwhile() {
        apply(declared(List.of(queue("old"), queue("kept")), List.of()));

        var next = broker.afterCrash();
        var report = next.get(next.core.apply(declared(List.of(queue("kept")), List.of())));

        assertThat(report.deleted()).containsExactly("queue 'old'");
        assertThat(report.created()).isEmpty();
    }

    @Test
    void changesWhatCanChangeAndNamesWhatCannot() {
        apply(declared(List.of(queue("q")), List.of(alternate("x", null), alternate("y", null))));

        var report = apply(declared(
                List.of(QueueSpec.named("q").priorities(5).ttlMs(1000).build()),
                List.of(alternate("x", "y"), alternate("y", null))));

        assertThat(report.changed()).containsExactly("exchange 'x'", "queue 'q'");
        assertThat(report.left())
                .extracting(TopologyProblem::message)
                .containsExactly(
                        "queue 'q': priorities is 1, not 5; it cannot change while the queue lives and was left:"
                                + " take it out of the configuration, reload, put it back");
        assertThat(broker.core.state().queue("q").queue().spec().ttlMs()).isEqualTo(1000);
        assertThat(broker.core.topology().exchange("x").orElseThrow().alternate())
                .isEqualTo("y");
        assertThat(broker.afterCrash().core.topology().queue("q").orElseThrow().ttlMs())
                .isEqualTo(1000);
    }

    @Test
    void takesOverWhatAClientDeclared() {
        broker.queue("q");

        apply(declared(List.of(queue("q")), List.of()));

        assertThat(broker.refusal(() -> broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS))
                        .condition())
                .isEqualTo(Condition.PRECONDITION_FAILED);
    }

    @Test
    void givesQueuesTheFirstPolicyThatMatchesWhereTheySayNothing() {
        broker.queue("orders.eu")
                .queue(QueueSpec.named("orders.us").ttlMs(7).build())
                .queue("bills");
        var limit = new QueueLimit(10, QueueLimit.UNLIMITED, Overflow.REJECT);
        var policies = List.of(
                new QueuePolicy("orders.*", 1000, Message.NONE, limit, null, null, null),
                new QueuePolicy("*", 5, Message.NONE, null, null, null, null));

        apply(new DeclaredTopology(List.of(), List.of(), List.of(), policies));
        broker.queue("orders.new");

        assertThat(effective("orders.eu").ttlMs()).isEqualTo(1000);
        assertThat(effective("orders.eu").limit()).isEqualTo(limit);
        assertThat(effective("orders.us").ttlMs()).isEqualTo(7);
        assertThat(effective("orders.us").limit()).isEqualTo(limit);
        assertThat(effective("bills").ttlMs()).isEqualTo(5);
        assertThat(effective("orders.new").ttlMs()).isEqualTo(1000);
        assertThat(broker.core.topology().queue("orders.eu")).contains(queue("orders.eu"));

        apply(DeclaredTopology.NONE);
        assertThat(effective("orders.eu")).isEqualTo(queue("orders.eu"));
    }

    private QueueSpec effective(String name) {
        return broker.core.state().queue(name).queue().spec();
    }

    @Test
    void bindsAHundredThousandQueuesInOneGo() {
        var bindings = new ArrayList<Binding>();
        for (int i = 0; i < 100_000; i++) {
            bindings.add(binding("x", "q" + i % 100, "region." + i + ".*"));
        }
        var queues = new ArrayList<QueueSpec>();
        for (int i = 0; i < 100; i++) {
            queues.add(queue("q" + i));
        }

        var report = apply(declared(queues, List.of(ExchangeSpec.of("x", "topic")), bindings.toArray(Binding[]::new)));

        assertThat(report.created()).hasSize(100_101);
        broker.toExchange("x", "region.77742.a").outcome(TestMessage.durable("1"));
        assertThat(broker.drain("q42")).containsExactly("1");
    }
}
