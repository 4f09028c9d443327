package io.turnstone.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Binding;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.Durability;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import io.turnstone.broker.security.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A configuration file")
class ConfigFileTest {

    private static final String EVERYTHING = """
            node: a
            loops: 2
            listeners:
              - { protocol: amqp, host: 0.0.0.0, port: "${PORT:-5673}" }
            store: { type: mapdb, path: ./data, window: 1GiB, fsync: interval:10ms }
            anonymous: never
            users:
              shop:
                password: "SCRAM-SHA-256$4096$c2FsdHNhbHQ=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
                permissions: [ { allow: [publish], on: "/exchanges/orders/**" } ]
            exchanges:
              orders:    { type: topic, alternate: unrouted }
              unrouted:  { type: fanout }
            queues:
              orders.eu:
                durability: interval
                priorities: 10
                groups: { max: 100, idle: 30s }
                ttl: 1h
                expires: 7d
                limit: { messages: 1000000, bytes: 2GiB, overflow: drop-head }
                retry: { attempts: 5, backoff: exponential, first: 1s, max: 5m, jitter: 0.2 }
                dead-letter: { queue: orders.dlq }
              orders.dlq: { groups: true }
            bindings:
              - { exchange: orders, queue: orders.eu, key: "order.eu.#" }
              - { exchange: orders, to-exchange: unrouted, key: "x" }
            policies:
              - { match: "orders.*", set: { ttl: 250ms } }
            auto-create: { queues: false }
            limits: { connections: 5, idle-timeout: 0 }
            plugins:
              - { name: metrics, optional: true, config: { port: 9419, tags: [a, true, 1.5] } }
            spin: false
            stop-timeout: 2s
            """;

    private static BrokerConfig read(String text) {
        return ConfigFile.parse("f", text, Path.of("/etc/turnstone"), Map.of("PORT", "1234"));
    }

    @Test
    void takesAnEscapedPlaceholderLiterally() {
        assertThat(ConfigFile.parse("f", "node: \"a-$${PORT}-${PORT}\"", Path.of("/"), Map.of("PORT", "1"))
                        .node())
                .isEqualTo("a-${PORT}-1");
    }

    @Test
    void becomesQueues() {
        assertThat(read(EVERYTHING).topology().queues())
                .containsExactly(
                        QueueSpec.named("orders.eu")
                                .durability(Durability.INTERVAL)
                                .priorities(10)
                                .groups(new GroupSpec(100, 30_000))
                                .ttlMs(3_600_000)
                                .expiresMs(7 * 86_400_000L)
                                .limit(new QueueLimit(1_000_000, 2L << 30, Overflow.DROP_HEAD))
                                .retry(new RetrySpec(5, RetrySpec.Backoff.EXPONENTIAL, 1_000, 300_000, 0.2))
                                .deadLetter(new DeadLetter.ToQueue("orders.dlq"))
                                .build(),
                        QueueSpec.named("orders.dlq").groups(GroupSpec.DEFAULT).build());
    }

    @Test
    void becomesBindings() {
        assertThat(read(EVERYTHING).topology().bindings())
                .containsExactly(
                        new Binding("orders", "orders.eu", false, "order.eu.#", Map.of()),
                        new Binding("orders", "unrouted", true, "x", Map.of()));
    }

    @Test
    void becomesEverythingElse() {
        BrokerConfig config = read(EVERYTHING);

        assertThat(config.node()).isEqualTo("a");
        assertThat(config.loops()).isEqualTo(new LoopConfig(2, false));
        assertThat(config.listeners()).containsExactly(ListenerConfig.amqp("0.0.0.0", 1234));
        assertThat(config.data()).isEqualTo(Path.of("/etc/turnstone/data"));
        assertThat(config.store())
                .isEqualTo(new StoreConfig("mapdb", Map.of("window", "1GiB", "fsync", "interval:10ms")));
        assertThat(config.admission().anonymous()).isEqualTo(Anonymous.NEVER);
        assertThat(config.admission().users().orElseThrow())
                .extracting(User::name)
                .containsExactly("shop");
        assertThat(config.topology().policies()).hasSize(1);
        assertThat(config.topology().policies().get(0).ttlMs()).isEqualTo(250);
        assertThat(config.autoCreateQueues()).isFalse();
        assertThat(config.limits().connections()).isEqualTo(5);
        assertThat(config.limits().idleTimeoutMs()).isZero();
        assertThat(config.limits().maxFrame()).isEqualTo(Limits.DEFAULT.maxFrame());
        assertThat(config.plugins().get(0).config())
                .isEqualTo(Map.of("port", 9419L, "tags", java.util.List.of("a", true, 1.5)));
        assertThat(config.stopTimeoutMs()).isEqualTo(2_000);
    }

    @Test
    void mayBeEmpty() {
        BrokerConfig config = read("# nothing\n");

        assertThat(config.listeners()).containsExactly(ListenerConfig.amqp("127.0.0.1", 5672));
        assertThat(config.data()).isEqualTo(Path.of("turnstone-data"));
        assertThat(config.admission().users()).isEqualTo(Optional.empty());
        assertThat(config.admission().anonymous()).isEqualTo(Anonymous.LOOPBACK);
        assertThat(config.autoCreateQueues()).isTrue();
    }

    @Test
    void keepsWordsThatOldYamlTookForBooleans() {
        assertThat(read("node: no").node()).isEqualTo("no");
    }

    @Test
    void knowsTheDataFolderOfAFileThatIsWrongElsewhere(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("f.yaml"), "listeners: 7\nstore: { path: here }\n");

        assertThat(ConfigFile.data(file)).isEqualTo(folder.resolve("here"));
    }
}
