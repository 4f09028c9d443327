package io.turnstone.it;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Protonj2Client;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker again and again under load, on one data folder, and drains every queue at the end: what it had
 * accepted must be there once, what it had confirmed as taken must not.
 */
@DisplayName("A broker that is killed twenty times under load")
@Timeout(240)
class KillIT {

    private static final int ROUNDS = 20;
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

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final Ledger plain = new Ledger("plain");
    private final Ledger flaky = new Ledger("flaky");
    private final Ledger refused = new Ledger("refused");
    private final Ledger both = new Ledger("both");

    @Test
    void losesNothingItAcceptedAndDoublesNothing() throws Exception {
        var random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
                underLoad(broker, random.nextInt(500));
            }
        }

        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
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
    }

    /** Works until enough was confirmed for this round to mean something, and then a while longer. */
    private void underLoad(ForkedBroker broker, int longerMs) throws Exception {
        int confirmedBefore = plain.confirmed();
        int acceptedBefore = both.accepted();
        var load = new Load(broker.port());
        var threads = List.of(
                load.publish(plain, "plain"),
                load.publish(flaky, "flaky"),
                load.publish(refused, "refused"),
                load.publish(both, "/exchanges/both"),
                load.consume("plain", Load.accepting(plain)),
                load.consume("flaky", Load.FAILING),
                load.consume("refused", Load.REJECTING));
        await().atMost(20, SECONDS)
                .until(() ->
                        plain.confirmed() >= confirmedBefore + ENOUGH && both.accepted() >= acceptedBefore + ENOUGH);
        await().pollDelay(longerMs, MILLISECONDS).until(() -> true);
        load.brokerIsDying();
        broker.kill();
        for (var thread : threads) {
            thread.get();
        }
    }
}
