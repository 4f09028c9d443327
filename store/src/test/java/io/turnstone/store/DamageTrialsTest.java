package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.tools.StoreTools;
import io.turnstone.store.tools.TestDefinitions;
import io.turnstone.store.tools.ToolProgress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** More with {@code -Dturnstone.damages=N}: so many trials of each kind of damage. */
@DisplayName("A store of which a file was damaged")
final class DamageTrialsTest {

    private static final int TRIALS = Integer.getInteger("turnstone.damages", 8);
    private static final StoreOptions OPTIONS = new StoreOptions(256 << 10, 64 << 10, 2, 3_600_000);
    private static final ToolProgress SILENT = (what, done, total) -> {};
    private static final int PAGE = 4096;

    /** What happens to a file. */
    enum Damage {
        TRUNCATED,
        BIT_FLIPPED,
        PAGE_ZEROED,
        SEGMENT_DELETED,
        SEGMENTS_SWAPPED
    }

    @TempDir
    Path folder;

    private final TestLoop loop = new TestLoop(0);
    private final TestQueue first = new TestQueue(1, loop, true, 5);
    private final TestQueue second = new TestQueue(2, loop);
    private final Model model = new Model();
    private final Set<String> published = new HashSet<>();
    private int bodies;
    private int answers;

    /** A store as it was closed in order, and as a crash left it, with messages in MapDB and in the journal. */
    @BeforeEach
    void fill() throws IOException {
        var random = new Random(29);
        var live = folder.resolve("live");
        try (var store = MapDbStore.open(new DiskFiles(), live, OPTIONS)) {
            Recovered.of(store);
            submit(store, new StoreRecord.Define("queue", "first", TestDefinitions.queue(1, "f")));
            submit(store, new StoreRecord.Define("queue", "second", TestDefinitions.queue(2, "s")));
            submit(store, new StoreRecord.Define("counter", "numbers", new TestDefinitions().counted(2)));
            for (int i = 0; i < 600; i++) {
                submit(store, next(random));
            }
            StoreTools.of(store, new TestDefinitions()).orElseThrow().backup(folder.resolve("crashed"), SILENT);
            Files.delete(folder.resolve("crashed").resolve("BACKUP"));
        }
        Files.move(live, folder.resolve("closed"));
    }

    private void submit(MapDbStore store, StoreRecord record) {
        int expected = answers + 1;
        store.submit(record, loop, (position, failure) -> {
            assertThat(failure).isNull();
            model.apply(record, position);
            answers++;
        });
        loop.runUntil(() -> answers == expected);
    }

    private StoreRecord next(Random random) {
        int kind = random.nextInt(10);
        var queue = random.nextBoolean() ? first : second;
        var entries = model.queue(queue.id());
        if (kind < 6 || entries.isEmpty()) {
            String body = "m" + ++bodies + "-" + "x".repeat(random.nextInt(random.nextInt(6) == 0 ? 9000 : 900));
            published.add(body);
            return random.nextInt(8) == 0
                    ? Records.enqueue(body, "o" + bodies, first, second)
                    : Records.enqueue(body, "o" + bodies, queue);
        }
        long position = entries.get(random.nextInt(entries.size())).position();
        return switch (kind) {
            case 6, 7 -> Records.remove(queue, position);
            case 8 -> Records.amend(queue, position, "amended" + ++bodies);
            default -> Records.move(queue, position, "moved" + ++bodies, queue == first ? second : first);
        };
    }

    @ParameterizedTest
    @EnumSource
    void saysSoAndNeverHandsOutAWrongBody(Damage damage) throws IOException {
        for (int trial = 1; trial <= TRIALS; trial++) {
            var random = new Random(damage.name().hashCode() + trial);
            var base = folder.resolve(random.nextInt(3) == 0 ? "closed" : "crashed");
            var place = folder.resolve(damage + "-" + trial);
            copy(base, place);
            new Trial(place, base.endsWith("crashed"), damage, random).run();
            delete(place);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path place) throws IOException {
        try (var files = Files.walk(place)) {
            for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** One damage, and everything that is then done with the store. */
    private final class Trial {

        private final Path place;
        private final boolean crashed;
        private final String what;
        private boolean tail;

        Trial(Path place, boolean crashed, Damage damage, Random random) throws IOException {
            this.place = place;
            this.crashed = crashed;
            what = place.getFileName() + (crashed ? " (crashed)" : " (closed)") + ": " + damaged(damage, random);
        }

        private String damaged(Damage damage, Random random) throws IOException {
            var segments = files("journal-");
            var all = new ArrayList<>(segments);
            all.addAll(files("mapdb-"));
            var path = all.get(random.nextInt(all.size()));
            if (damage == Damage.SEGMENT_DELETED || damage == Damage.SEGMENTS_SWAPPED) {
                path = segments.get(random.nextInt(segments.size()));
            }
            var last = segments.get(segments.size() - 1);
            tail = crashed && path.equals(last);
            switch (damage) {
                case SEGMENT_DELETED -> Files.delete(path);
                case SEGMENTS_SWAPPED -> {
                    var other = segments.get(random.nextInt(segments.size()));
                    var aside = place.resolve("aside");
                    Files.move(path, aside);
                    if (!other.equals(path)) {
                        Files.move(other, path);
                    }
                    Files.move(aside, other);
                    tail |= crashed && other.equals(last);
                    return path.getFileName() + " and " + other.getFileName();
                }
                default -> {
                    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                        long at = file.length() == 0 ? 0 : random.nextLong(file.length());
                        change(file, at, damage, random);
                        return path.getFileName() + " at " + at;
                    }
                }
            }
            return path.getFileName().toString();
        }

        private List<Path> files(String prefix) throws IOException {
            try (var files = Files.list(place)) {
                return files.filter(path -> path.getFileName().toString().startsWith(prefix))
                        .sorted()
                        .toList();
            }
        }

        void run() throws IOException {
            var tools = StoreTools.of(place, new TestDefinitions());
            boolean found;
            try {
                found = !tools.verify(SILENT).whole();
            } catch (StoreException e) {
                found = true;
            }
            check("salvaged", salvaged(tools), found);
            try (var store = MapDbStore.open(new DiskFiles(), place, OPTIONS)) {
                var recovered = Recovered.of(store);
                boolean told = store.status().state().equals("damaged");
                check("opened", recovered, told);
                assertThat(found || !told || tail)
                        .as("%s: verify found it too", what)
                        .isTrue();
            } catch (StoreException e) {
                assertThat(e).as(what).hasMessageMatching("(?s).*(salvage|backup|check the disk).*");
                assertThat(found).as("%s: verify found it too", what).isTrue();
            }
        }

        private Recovered salvaged(StoreTools tools) throws IOException {
            var clean = place.resolve("clean");
            tools.salvage(clean, SILENT);
            try (var store = MapDbStore.open(new DiskFiles(), clean, OPTIONS)) {
                var recovered = Recovered.of(store);
                assertThat(store.status().state()).as(what).isEqualTo("ok");
                return recovered;
            }
        }

        /** Every body is right, and what is not as it was is told. */
        private void check(String how, Recovered recovered, boolean told) {
            Map<String, Integer> there = new HashMap<>();
            for (int id = 1; id <= 2; id++) {
                for (var message : recovered.queue(id)) {
                    assertThat(published)
                            .as("%s, %s: a body nobody sent", what, how)
                            .contains(message.body());
                    there.merge(id + message.body() + message.overlay(), 1, Integer::sum);
                }
            }
            Map<String, Integer> expected = new HashMap<>();
            model.queues.forEach((id, entries) ->
                    entries.forEach(entry -> expected.merge(id + entry.body() + entry.overlay(), 1, Integer::sum)));
            assertThat(told || tail || there.equals(expected))
                    .as("%s, %s: not what it was, and nobody says so", what, how)
                    .isTrue();
        }
    }

    private static void change(RandomAccessFile file, long at, Damage damage, Random random) throws IOException {
        switch (damage) {
            case TRUNCATED -> file.setLength(at);
            case BIT_FLIPPED -> {
                file.seek(at);
                int value = file.read();
                file.seek(at);
                file.write(value ^ 1 << random.nextInt(8));
            }
            default -> {
                long from = at / PAGE * PAGE;
                file.seek(from);
                file.write(new byte[(int) Math.min(PAGE, file.length() - from)]);
            }
        }
    }
}
