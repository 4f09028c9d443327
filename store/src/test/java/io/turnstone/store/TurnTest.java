package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.MessageStore;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("What a loop submits in one turn")
final class TurnTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000);

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final List<Long> answers = new ArrayList<>();

    private MapDbStore opened() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        return store;
    }

    private void submit(MessageStore store, TestLoop from, String body) {
        store.submit(Records.enqueue(body, "", queue), from, (position, failure) -> {
            assertThat(failure).isNull();
            answers.add(position);
        });
    }

    @Test
    void isOneGroup() {
        try (var store = opened()) {
            for (int i = 0; i < 50; i++) {
                submit(store, loop, "m" + i);
            }
            loop.atEndOfTurn(() -> submit(store, loop, "at the end"));
            loop.runUntil(() -> answers.size() == 51);

            assertThat(store.status().records()).isEqualTo(51);
            assertThat(store.status().commits()).isEqualTo(1);
        }
    }

    @Test
    void isWrittenInPartsWhenItIsMuch() {
        try (var store = opened()) {
            String body = "x".repeat(10_000);
            for (int i = 0; i < 50; i++) {
                submit(store, loop, body);
            }
            while (store.status().records() == 0) {
                Thread.onSpinWait(); // the turn goes on
            }
            loop.runUntil(() -> answers.size() == 50);
        }
    }

    @Test
    void isKeptWhenTheStoreIsClosedBeforeTheTurnEnds() {
        try (var store = opened()) {
            submit(store, loop, "first");
            submit(store, loop, "second");
        }
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(again).bodies(1)).containsExactly("first", "second");
        }
    }

    @Test
    void isCommittedThoughAnotherLoopHasItsPlace() {
        try (var store = opened()) {
            submit(store, loop, "first");
            loop.runUntil(() -> answers.size() == 1);
            var other = new TestLoop(0);
            submit(store, other, "second");
            other.runUntil(() -> answers.size() == 2);
        }
    }
}
