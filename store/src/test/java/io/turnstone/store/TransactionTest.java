package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A transaction in the store")
final class TransactionTest {

    private static final StoreOptions TINY = new StoreOptions(64 << 10, 16 << 10, 2, 3);
    private static final StoreOptions NEVER = new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000);
    private static final Marks LASTING = Marks.lasting(4);

    @TempDir
    Path folder;

    private SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue first = new TestQueue(1, loop);
    private final TestQueue second = new TestQueue(2, loop);

    private long submit(MessageStore store, StoreRecord record) {
        var answer = new ArrayList<Long>();
        store.submit(record, loop, (position, failure) -> {
            assertThat(failure).isNull();
            answer.add(position);
        });
        loop.runUntil(() -> !answer.isEmpty());
        return answer.get(0);
    }

    private Map<Long, StoreRecord.Pending> begin(MessageStore store, int messages, String name) {
        var transaction = new TreeMap<Long, StoreRecord.Pending>();
        for (int i = 0; i < messages; i++) {
            var pending = Records.pending(name + i + " " + "x".repeat(i % 10 == 0 ? 6000 : 100), "overlay " + name + i);
            transaction.put(submit(store, pending), pending);
        }
        return transaction;
    }

    private StoreRecord.Commit commit(Map<Long, StoreRecord.Pending> transaction) {
        var changes = new ArrayList<StoreRecord.Change>();
        transaction
                .keySet()
                .forEach(at -> changes.add(Records.enter(at, LASTING, changes.size() % 2 == 0 ? first : second)));
        return Records.commit(changes, transaction);
    }

    /** Absorbs what is in the journal, segment by segment. */
    private void fill(MessageStore store, int messages) {
        var positions = new ArrayList<Long>();
        for (int i = 0; i < messages; i++) {
            positions.add(submit(store, Records.enqueue("filler " + "y".repeat(2000), "", first)));
        }
        submit(
                store,
                Records.remove(
                        first, positions.stream().mapToLong(Long::longValue).toArray()));
    }

    private MapDbStore afterCrash(StoreOptions options) throws IOException {
        var next = Files.createDirectory(folder.resolve("next"));
        files = files.afterCrash(new Random(1), folder.resolve("store"), next);
        return MapDbStore.open(files, next, options);
    }

    private MapDbStore open(StoreOptions options) throws IOException {
        return MapDbStore.open(files, Files.createDirectories(folder.resolve("store")), options);
    }

    private static List<String> names(Recovered recovered, TestQueue queue) {
        return recovered.queue(queue.id()).stream()
                .map(message -> message.body().split(" ", 2)[0])
                .toList();
    }

    @Test
    void countsFromItsCommitOnWhateverWasAbsorbedBefore() throws IOException {
        try (var store = open(TINY)) {
            Recovered.of(store);
            var early = begin(store, 20, "early");
            fill(store, 200);
            var late = begin(store, 20, "late");
            assertThat(submit(store, commit(early))).isGreaterThan(0);
            fill(store, 100);
            submit(store, commit(late));
            assertThat(store.status().journalBytes()).isLessThan(64 * (16 << 10));
            loop.runPending();

            var crashed = afterCrash(TINY);
            try (crashed) {
                var recovered = Recovered.of(crashed);
                assertThat(names(recovered, first))
                        .hasSize(20)
                        .startsWith("early0", "early2")
                        .endsWith("late18");
                assertThat(names(recovered, second))
                        .hasSize(20)
                        .startsWith("early1")
                        .endsWith("late19");
                recovered
                        .queue(first.id())
                        .forEach(message -> assertThat(message.overlay())
                                .isEqualTo("overlay " + message.body().split(" ", 2)[0]));
                assertThat(crashed.status().state()).isEqualTo("ok");
            }
        }
    }

    @Test
    void bringsWhatIsKeptOfAMessageTogetherWithIt() throws IOException {
        try (var store = open(TINY)) {
            Recovered.of(store);
            for (String name : List.of("early", "late", "undone")) {
                var transaction = begin(store, 1, name);
                if (!name.equals("undone")) {
                    var changes = new ArrayList<StoreRecord.Change>(
                            commit(transaction).changes());
                    changes.add(new StoreRecord.Define("kept", name, new byte[] {7}));
                    assertThat(submit(store, Records.commit(changes, transaction)))
                            .isGreaterThan(0);
                }
                fill(store, name.equals("early") ? 200 : 1);
            }
            long next = submit(store, new StoreRecord.Define("kept", "forgotten", new byte[] {8}));
            assertThat(submit(store, new StoreRecord.Define("kept", "forgotten", null)))
                    .isEqualTo(next + 1);
            try (var crashed = afterCrash(TINY)) {
                var recovered = Recovered.of(crashed);
                assertThat(names(recovered, first)).containsExactly("early0", "late0");
                assertThat(recovered.definitions).containsOnlyKeys("kept/early", "kept/late");
            }
        }
    }

    @Test
    void isForgottenWhenACrashComesBeforeItsCommit() throws IOException {
        try (var store = open(TINY)) {
            Recovered.of(store);
            begin(store, 20, "absorbed");
            fill(store, 200);
            begin(store, 20, "fresh");
            try (var crashed = afterCrash(TINY)) {
                var recovered = Recovered.of(crashed);
                assertThat(recovered.queues).isEmpty();
                submit(crashed, Records.enqueue("after", "", first));
            }
            try (var again = MapDbStore.open(files, folder.resolve("next"), TINY)) {
                assertThat(names(Recovered.of(again), first)).containsExactly("after");
            }
        }
    }

    @Test
    void leavesNothingWhenItIsAbandoned() throws IOException {
        try (var store = open(TINY)) {
            Recovered.of(store);
            var transaction = begin(store, 100, "m");
            fill(store, 100);
            submit(
                    store,
                    new StoreRecord.Abandon(transaction.keySet().stream()
                            .mapToLong(Long::longValue)
                            .toArray()));
        }
        try (var store = open(TINY)) {
            assertThat(Recovered.of(store).queues).isEmpty();
        }
    }

    @Test
    void changesSeveralQueuesAtOnce() throws IOException {
        long[] at;
        try (var store = open(NEVER)) {
            Recovered.of(store);
            at = LongStream.range(0, 40)
                    .map(i -> submit(store, Records.enqueue("m" + i, "first", first)))
                    .toArray();
            var transaction = begin(store, 1, "new");
            var changes = new ArrayList<StoreRecord.Change>();
            changes.add(Records.remove(first, at[0], at[1]));
            for (int i = 2; i < 20; i++) {
                changes.add(Records.amend(first, at[i], "amended " + i));
            }
            changes.add(Records.enter(transaction.keySet().iterator().next(), LASTING, first, second));
            for (int i = 20; i < 38; i++) {
                changes.add(Records.move(first, at[i], "moved " + i, second));
            }
            submit(store, Records.commit(changes, transaction));
            assertThat(Recovered.read(store, first, loop, at)).hasSize(20);

            try (var crashed = afterCrash(NEVER)) {
                var recovered = Recovered.of(crashed);
                assertThat(recovered.queue(first.id()))
                        .extracting(message -> message.body().split(" ", 2)[0] + " " + message.overlay())
                        .startsWith("m2 amended 2", "m3 amended 3")
                        .contains("m19 amended 19", "m38 first", "m39 first")
                        .endsWith("new0 overlay new0")
                        .hasSize(21);
                assertThat(recovered.queue(second.id()))
                        .extracting(message -> message.body().split(" ", 2)[0] + " " + message.overlay())
                        .startsWith("new0 overlay new0", "m20 moved 20")
                        .endsWith("m37 moved 37")
                        .hasSize(19);
                assertThat(submit(crashed, Records.enqueue("later", "", first)))
                        .isGreaterThan(recovered.queue(second.id()).get(18).position());
            }
        }
    }

    @Test
    void leavesOutWhatWasDroppedBefore() throws IOException {
        try (var store = open(NEVER)) {
            Recovered.of(store);
            long kept = submit(store, Records.enqueue("kept", "first", second));
            long dropped = submit(store, Records.enqueue("dropped", "first", first));
            var transaction = begin(store, 2, "new");
            var waiting = new ArrayList<>(transaction.keySet());
            submit(store, new StoreRecord.Drop(first));
            submit(
                    store,
                    Records.commit(
                            List.of(
                                    Records.amend(first, dropped, "amended"),
                                    Records.enter(waiting.get(0), LASTING, first),
                                    Records.amend(second, kept, "amended"),
                                    Records.enter(waiting.get(1), LASTING, first, second)),
                            transaction));
            try (var crashed = afterCrash(NEVER)) {
                var recovered = Recovered.of(crashed);
                assertThat(names(recovered, first)).isEmpty();
                assertThat(recovered.queue(second.id()))
                        .extracting(Recovered.Message::overlay)
                        .containsExactly("amended", "overlay new1");
                assertThat(crashed.status().state()).isEqualTo("ok");
            }
        }
    }

    @Test
    void isPassedThroughInOrderWhenNothingOfItIsWritten() throws IOException {
        try (var store = open(NEVER)) {
            Recovered.of(store);
            submit(store, Records.enqueue("m", "", first));
            long at = submit(store, new StoreRecord.Commit(List.of(first, second), List.of(), ""));
            assertThat(at).isEqualTo(MessageStore.UNWRITTEN);
            assertThat(first.applied).hasSize(2);
            assertThat(second.applied).hasSize(1);
        }
    }
}
