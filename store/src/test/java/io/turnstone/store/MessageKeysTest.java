package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Message;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredRun;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The keys of messages")
final class MessageKeysTest {

    private static final int MESSAGES = 5000;
    private static final long FAR = Long.MAX_VALUE / 4;

    /** Absorbs when it is closed, or all the time. */
    private static StoreOptions options(long idleMs) {
        return new StoreOptions(1 << 20, 64 << 10, 2, idleMs);
    }

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final TestQueue other = new TestQueue(2, loop);

    private static MessageKey key(int queueId, int number, long untilMs, int max) {
        return new MessageKey(queueId, number * 31L, ~number, 1000 - number % 7, untilMs, max);
    }

    private StoreRecord message(int number, long untilMs, int max) {
        var keys = List.of(key(1, number, untilMs, max), key(2, number, untilMs, max));
        return Records.enqueue(
                "body " + number + " ".repeat(200), "o", new Marks(4, Message.NONE).with(keys), queue, other);
    }

    /** What the store tells of one queue, by position. */
    private static Map<Long, MessageKey> keys(MapDbStore store, int queueId) {
        var told = new TreeMap<Long, MessageKey>();
        store.recover(new MessageStore.Recovery() {
            private long last;

            @Override
            public void definition(String kind, String name, byte[] value) {
                assertThat(kind).isNotEqualTo("keys");
            }

            @Override
            public void key(long position, MessageKey key) {
                if (key.queueId() == queueId) {
                    assertThat(position).isGreaterThan(last);
                    last = position;
                    told.put(position, key);
                }
            }

            @Override
            public void run(int queue, int level, StoredRun run) {}

            @Override
            public void done(boolean clean) {}
        });
        return told;
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 3_600_000})
    void outliveTheirMessagesAndTheirSegments(long idleMs) {
        var expected = new TreeMap<Long, MessageKey>();
        try (var store = MapDbStore.open(files, folder, options(idleMs))) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(0, MESSAGES)
                            .mapToObj(i -> message(i, FAR, 1_000_000))
                            .toList());
            var gone = new ArrayList<StoreRecord>();
            for (int i = 0; i < MESSAGES; i++) {
                long position = queue.applied.get(i).position();
                expected.put(position, key(1, i, FAR, 1_000_000));
                gone.add(Records.remove(queue, position));
                gone.add(Records.remove(other, position));
            }
            loop.submitAll(store, gone);
        }

        for (int opened = 0; opened < 3; opened++) {
            try (var store = MapDbStore.open(files, folder, options(idleMs))) {
                assertThat(keys(store, 1)).isEqualTo(expected);
                loop.submitAll(store, List.of(new StoreRecord.Define("kind", "name", new byte[] {(byte) opened})));
            }
        }
    }

    @Test
    void areForgottenWithTheirTimeTheirNumberAndTheirQueue() {
        try (var store = MapDbStore.open(files, folder, options(5))) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(0, MESSAGES)
                            .mapToObj(i -> message(i, 2000, 1_000_000))
                            .toList());
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(0, MESSAGES)
                            .mapToObj(i -> message(i, FAR, 300))
                            .toList());
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1).values())
                    .allMatch(key -> key.untilMs() == FAR)
                    .hasSizeBetween(300, 1000)
                    .contains(key(1, MESSAGES - 1, FAR, 300));
            loop.submitAll(store, List.of(new StoreRecord.Drop(queue)));
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1)).isEmpty();
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 2)).hasSizeBetween(300, 1000);
        }
    }

    /** What one publish brings; the rest of it makes it large. */
    private StoreRecord published(int number, long atMs, long windowMs, int max) {
        var key = new MessageKey(1, number * 31L, ~number, atMs, atMs + windowMs, max);
        return Records.enqueue("body " + " ".repeat(10_000), "o", new Marks(4, Message.NONE).with(List.of(key)), queue);
    }

    private List<long[]> forgotten(MapDbStore store) {
        var told = new ArrayList<long[]>();
        store.recover(new MessageStore.Recovery() {
            @Override
            public void keysForgotten(int queueId, long untilMs, long position) {
                told.add(new long[] {queueId, untilMs, position});
            }

            @Override
            public void definition(String kind, String name, byte[] value) {}

            @Override
            public void run(int queueId, int level, StoredRun run) {}

            @Override
            public void done(boolean clean) {}
        });
        return told;
    }

    @Test
    void areKeptUntilNoMessageThatRepeatedOneIsRemembered() {
        long now = System.currentTimeMillis();
        try (var store = MapDbStore.open(files, folder, options(5))) {
            Recovered.of(store);
            loop.submitAll(store, List.of(published(1, now - 70_000, 60_000, 10)));
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1)).as("its time ended 10 s ago").hasSize(1);
            loop.submitAll(store, List.of(published(1, now - 130_000, 60_000, 10)));
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1)).hasSize(1);
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(forgotten(store)).containsExactly(new long[] {1, now - 70_000, 0});
            loop.submitAll(store, List.of(new StoreRecord.Drop(queue)));
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(forgotten(store)).isEmpty();
        }
    }

    @Test
    void areNotPushedOutByRepetitionsOfOne() {
        long now = System.currentTimeMillis();
        try (var store = MapDbStore.open(files, folder, options(5))) {
            Recovered.of(store);
            loop.submitAll(store, List.of(published(1, now, 60_000, 100)));
        }
        for (int i = 0; i < 3; i++) {
            try (var store = MapDbStore.open(files, folder, options(5))) {
                Recovered.of(store);
                loop.submitAll(store, java.util.Collections.nCopies(100, published(2, now, 60_000, 100)));
            }
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1).values()).extracting(MessageKey::low).contains(~1L);
        }
    }

    @Test
    void ofWhichTooManyCameSayUpToWhereTheyWereForgotten() {
        long now = System.currentTimeMillis();
        try (var store = MapDbStore.open(files, folder, options(5))) {
            Recovered.of(store);
            loop.submitAll(store, List.of(published(1, now, 60_000, 20)));
        }
        long last;
        try (var store = MapDbStore.open(files, folder, options(5))) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(2, 40)
                            .mapToObj(i -> published(i, now, 60_000, 20))
                            .toList());
            last = queue.applied.get(queue.applied.size() - 1).position();
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1).values()).extracting(MessageKey::low).doesNotContain(~1L);
            assertThat(forgotten(store)).singleElement().satisfies(told -> {
                assertThat(told[1]).isEqualTo(Long.MIN_VALUE);
                assertThat(told[2]).isPositive().isLessThanOrEqualTo(last);
            });
        }
    }

    @Test
    void leaveOldestFirstAfterARestartToo() {
        long now = System.currentTimeMillis();
        for (int from = 0; from < 200; from += 20) {
            try (var store = MapDbStore.open(files, folder, options(5))) {
                Recovered.of(store);
                loop.submitAll(
                        store,
                        IntStream.range(from, from + 20)
                                .mapToObj(i -> published(i, now, 60_000, 60))
                                .toList());
            }
        }
        try (var store = MapDbStore.open(files, folder, options(5))) {
            assertThat(keys(store, 1).values())
                    .extracting(key -> (int) ~key.low())
                    .containsAll(IntStream.range(140, 200).boxed().toList())
                    .doesNotContainAnyElementsOf(IntStream.range(0, 80).boxed().toList());
        }
    }
}
