package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** More with {@code -Dturnstone.histories=N}: so many short ones, and a long one for every four hundred of them. */
@DisplayName("After any kill or power cut, a store")
final class HistoryTest {

    private static final int HISTORIES = Integer.getInteger("turnstone.histories", 2000);
    private static final long FIRST = Long.getLong("turnstone.seed", 1);
    private static final History.Shape LONG = new History.Shape(25, 20, 420);
    private static final History.Shape SHORT = new History.Shape(2, 3, 40);

    /** They wait more than they work. */
    private static final int AT_ONCE = 8;

    @TempDir
    Path folder;

    static LongStream seeds() {
        return LongStream.range(FIRST, FIRST + Math.max(1, HISTORIES / 400));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void holdsWhatWasPromisedAndNothingThatWasRemoved(long seed) throws IOException {
        var history = new History(seed, LONG, History.Trouble.NONE, folder);
        history.run();
        assertThat(history.generation()).isGreaterThan(seed % 2 == 0 ? 5 : 0);
    }

    @ParameterizedTest(name = "and trouble {0}")
    @EnumSource
    void keepsToItInManyShortHistories(History.Trouble trouble) throws InterruptedException, ExecutionException {
        var seeds = new AtomicLong(FIRST);
        long end = FIRST + HISTORIES / History.Trouble.values().length;
        var threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            var results = new ArrayList<Future<?>>();
            for (int i = 0; i < AT_ONCE; i++) {
                results.add(threads.submit(() -> {
                    for (long seed = seeds.getAndIncrement(); seed < end; seed = seeds.getAndIncrement()) {
                        run(seed, trouble);
                    }
                    return null;
                }));
            }
            for (var result : results) {
                result.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void run(long seed, History.Trouble trouble) throws IOException {
        var history = new History(seed, SHORT, trouble, folder.resolve("seed-" + seed));
        try {
            history.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(history + ": " + e.getMessage(), e);
        }
    }
}
