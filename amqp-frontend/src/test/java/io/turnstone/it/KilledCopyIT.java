package io.turnstone.it;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Protonj2Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes MapDB's file grow with messages that die, takes these away again, and kills the broker when it begins to copy what
 * is left to the next generation, while messages go through, die and are absorbed. More with {@code -Dturnstone.kills=N}.
 */
@DisplayName("A broker that is killed while it copies what MapDB holds")
@Timeout(3600)
class KilledCopyIT {

    private static final int ROUNDS = Integer.getInteger("turnstone.kills", 2);
    private static final Pattern GENERATION = Pattern.compile("mapdb-(\\d+)\\.db");

    /** MapDB's file has 1 MiB that is never free, and up to another that is not used yet: it must become 8 MiB and more. */
    private static final String YAML = """
            loops: 2
            store: { segment: 1MiB, window: 24MiB, shrink-above: 1MiB }
            queues:
              passing: { durability: never }
              refused: { dead-letter: { queue: refused.dead } }
              refused.dead: {}
              staying: {}
            """;

    private static final int PADDING = 24_000;
    private static final int DEAD = 500;

    /** So many that what died before has left the journal. */
    private static final int PASSING = 1100;

    /** MapDB's file has all of it then. */
    private static final long GROWN = (long) DEAD * PADDING;

    /** So few that a hundred rounds of them are next to nothing of the file. */
    private static final int STAYING = 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final Ledger passing = new Ledger("passing", PADDING);
    private final Ledger refused = new Ledger("refused", PADDING);
    private final Ledger staying = new Ledger("staying", 100);

    @Test
    void losesNothingItAcceptedAndDoublesNothing() throws Exception {
        var random = new Random(20261122);
        int inTheMiddle = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
                underLoad(broker, random.nextInt(8));
            }
            inTheMiddle += generations().size() > 1 ? 1 : 0;
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            assertThat(generations()).hasSize(1);
            passing.check(Load.drain(client, "passing"));
            refused.check(Load.drain(client, "refused", "refused.dead"));
            staying.check(Load.drain(client, "staying"));
        }
        assertThat(staying.accepted()).isEqualTo(ROUNDS * STAYING);
        assertThat(refused.confirmed()).isPositive();
        System.out.printf(
                "%d kills, %d of them between the beginning of a copy and its end; %d messages accepted, %d confirmed as taken%n",
                ROUNDS,
                inTheMiddle,
                passing.accepted() + refused.accepted() + staying.accepted(),
                passing.confirmed() + refused.confirmed());
    }

    private void underLoad(ForkedBroker broker, int longerMs) throws Exception {
        var load = new Load(broker.port());
        load.publish(staying, "staying", STAYING);
        load.consume("refused", Load.REJECTING);
        load.publish(refused, "refused", DEAD);
        load.publish(passing, "passing");
        load.consume("passing", Load.accepting(passing));
        int passed = passing.confirmed();
        load.await("what dies in MapDB", () -> passing.confirmed() > passed + PASSING && mapDbBytes() > GROWN);
        var before = generations();
        load.consume("refused.dead", Load.accepting(refused));
        load.await("a copy", () -> !generations().equals(before));
        await().pollDelay(longerMs, MILLISECONDS).until(() -> true);
        load.kill(broker);
    }

    private long mapDbBytes() {
        int last = generations().last();
        return folder.resolve("data/store/mapdb-" + last + ".db").toFile().length();
    }

    /** Which generations of MapDB's file there are. */
    private TreeSet<Integer> generations() {
        try (var files = Files.list(folder.resolve("data/store"))) {
            var found = new TreeSet<Integer>();
            for (Path file : files.toList()) {
                var name = GENERATION.matcher(file.getFileName().toString());
                if (name.matches()) {
                    found.add(Integer.valueOf(name.group(1)));
                }
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
