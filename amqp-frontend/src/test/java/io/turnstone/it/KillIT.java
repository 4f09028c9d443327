package io.turnstone.it;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Protonj2Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills the broker again and again under load, on one data folder, and drains every queue at the end: what it had
 * accepted must be there once, what it had confirmed as taken must not. More with {@code -Dturnstone.kills=N}: so many
 * rounds of each kind.
 */
@DisplayName("A broker that is killed again and again under load")
@Timeout(3600)
class KillIT {

    private static final int ENOUGH = 100;
    private static final long SEED = 20261122;

    private static final String YAML = """
            loops: 2
            exchanges:
              both: { type: fanout }
            queues:
              plain: { durability: never }
              flaky: { retry: { attempts: 2 }, dead-letter: { queue: flaky.dead } }
              flaky.dead: {}
              refused: { dead-letter: { queue: refused.dead } }
              refused.dead: {}
              copy.one: { durability: interval }
              copy.two: { durability: never }
            bindings:
              - { exchange: both, queue: copy.one }
              - { exchange: both, queue: copy.two }
            """;

    /** Names a folder of a file system of 64 MiB (see CONTRIBUTING). */
    private static final String SMALL_DISK = "turnstone.small.disk";

    /** What is special about the rounds. Dead letters move in all of them. */
    enum Kind {
        USUAL(12, 0, ""),
        CHECKPOINTING_ALL_THE_TIME(8, 300, "store: { segment: 64KiB, window: 128KiB }\n"),
        ON_A_FULL_DISK(8, 1000, "store: { segment: 1MiB, window: 2MiB }\n");

        private final int rounds;
        private final int padding;
        private final String yaml;

        Kind(int rounds, int padding, String store) {
            this.rounds = Integer.getInteger("turnstone.kills", rounds);
            this.padding = padding;
            yaml = store + YAML;
        }
    }

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path temporary;

    private Ledger plain = new Ledger("plain");
    private Ledger flaky = new Ledger("flaky");
    private Ledger refused = new Ledger("refused");
    private Ledger both = new Ledger("both");

    /** A full disk only where one is given that may be filled. */
    static Stream<Kind> kinds() {
        return Stream.of(Kind.values())
                .filter(kind -> kind != Kind.ON_A_FULL_DISK || System.getProperty(SMALL_DISK) != null);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void losesNothingItAcceptedAndDoublesNothing(Kind kind) throws Exception {
        plain = new Ledger("plain", kind.padding);
        flaky = new Ledger("flaky", kind.padding);
        refused = new Ledger("refused", kind.padding);
        both = new Ledger("both", kind.padding);
        var disk = kind == Kind.ON_A_FULL_DISK ? smallDisk() : null;
        Path folder = disk == null ? temporary : disk.folder();
        var random = new Random(SEED);
        for (int round = 0; round < kind.rounds; round++) {
            try (ForkedBroker broker = ForkedBroker.start(folder, kind.yaml)) {
                underLoad(broker, random.nextInt(500), disk, random.nextBoolean());
            }
            if (disk != null) {
                disk.roomy();
                drainSome(folder, kind);
            }
        }

        try (ForkedBroker broker = ForkedBroker.start(folder, kind.yaml);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            plain.check(Load.drain(client, "plain"));
            flaky.check(Load.drain(client, "flaky", "flaky.dead"));
            refused.check(Load.drain(client, "refused", "refused.dead"));
            List<String> one = Load.drain(client, "copy.one");
            List<String> two = Load.drain(client, "copy.two");
            both.check(one);
            assertThat(two).as("a fan-out is one record").containsExactlyElementsOf(one);
        }
        assertThat(plain.confirmed())
                .as("confirmed messages, or nothing was tested")
                .isGreaterThan(100);
        assertThat(both.accepted())
                .as("accepted messages, or nothing was tested")
                .isGreaterThan(100);
        System.out.printf(
                "%s: %d kills, %d messages accepted, %d confirmed as taken%n",
                kind, kind.rounds, accepted(), plain.confirmed());
    }

    private int accepted() {
        return plain.accepted() + flaky.accepted() + refused.accepted() + both.accepted();
    }

    /** Where to fill a disk does no harm. */
    private static SmallDisk smallDisk() throws IOException {
        String place = Objects.requireNonNull(System.getProperty(SMALL_DISK));
        return new SmallDisk(Files.createTempDirectory(Path.of(place), "kill"));
    }

    /** So that the small disk has room for another round. */
    private void drainSome(Path folder, Kind kind) throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, kind.yaml);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            for (String queue : List.of("flaky.dead", "refused.dead", "plain")) {
                var ledger = queue.startsWith("flaky") ? flaky : queue.startsWith("refused") ? refused : plain;
                for (String body : Load.drain(client, queue)) {
                    ledger.taken(body);
                }
            }
            List<String> one = Load.drain(client, "copy.one");
            assertThat(Load.drain(client, "copy.two")).containsExactlyElementsOf(one);
            one.forEach(both::taken);
            broker.terminate();
        }
    }

    /** Works until enough was confirmed for this round to mean something, and then a while longer. */
    private void underLoad(ForkedBroker broker, int longerMs, @Nullable SmallDisk disk, boolean roomReturns)
            throws Exception {
        var load = new Load(broker.port(), disk != null);
        load.publish(plain, "plain");
        load.publish(flaky, "flaky");
        load.publish(refused, "refused");
        load.publish(both, "/exchanges/both");
        load.consume("plain", Load.accepting(plain));
        load.consume("flaky", Load.FAILING);
        load.consume("refused", Load.REJECTING);
        untilEnough(load);
        if (disk != null) {
            disk.fill();
            int before = load.refusals();
            load.await("refusals", () -> load.refusals() > before + ENOUGH);
            if (roomReturns) {
                disk.roomy();
                untilEnough(load);
            }
        }
        await().pollDelay(longerMs, MILLISECONDS).until(() -> true);
        load.kill(broker);
    }

    private void untilEnough(Load load) {
        int confirmedBefore = plain.confirmed();
        int acceptedBefore = both.accepted();
        load.await(
                "messages taken and accepted",
                () -> plain.confirmed() >= confirmedBefore + ENOUGH && both.accepted() >= acceptedBefore + ENOUGH);
    }
}
