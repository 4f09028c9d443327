package io.turnstone.store;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Messages of any size in one queue and in two, some of them moved, most of them removed; all in MapDB. */
record Mixture(FileLayer files, TestLoop loop, TestQueue queue, TestQueue other) {

    static final int MESSAGES = 1200;

    static String body(int number) {
        return number + " " + "x".repeat(number % 20 == 0 ? 6000 : 500);
    }

    void fill(Path folder, StoreOptions options) {
        try (var store = MapDbStore.open(files, folder, options)) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(0, MESSAGES)
                            .mapToObj(i -> i % 3 == 0
                                    ? Records.enqueue(body(i), "o", queue, other)
                                    : Records.enqueue(body(i), "o", queue))
                            .toList());
            loop.submitAll(store, List.of(new StoreRecord.Define("kind", "name", Records.bytes("value"))));
        }
        try (var store = MapDbStore.open(files, folder, options)) {
            Recovered.of(store);
            var records = new ArrayList<StoreRecord>();
            for (int i = 0; i < MESSAGES; i++) {
                long position = queue.applied.get(i).position();
                if (i % 40 == 1) {
                    records.add(Records.move(queue, position, "moved", other));
                } else if (i % 4 > 0) {
                    records.add(Records.remove(queue, position));
                }
            }
            loop.submitAll(store, records);
        }
    }
}
