package io.turnstone.store.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredRun;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.Records;
import io.turnstone.store.Recovered;
import io.turnstone.store.TestLoop;
import io.turnstone.store.TestQueue;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A store in real files with two queues, of which tools are to tell. */
final class FilledStore implements AutoCloseable {

    static final StoreOptions SMALL = new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000);

    final TestLoop loop = new TestLoop(0);
    final TestQueue orders = new TestQueue(1, loop, true, 10);
    final TestQueue letters = new TestQueue(2, loop);
    final MapDbStore store;
    final List<String> bodies = new ArrayList<>();

    FilledStore(Path folder) {
        store = MapDbStore.open(new DiskFiles(), folder, SMALL);
        Recovered.of(store);
    }

    /** Messages of many sizes in MapDB and in the journal; some are amended, moved and removed. */
    static FilledStore in(Path folder) {
        var first = new FilledStore(folder);
        first.commit(new StoreRecord.Define("queue", "orders", TestDefinitions.queue(1, "o")));
        first.commit(new StoreRecord.Define("queue", "letters", TestDefinitions.queue(2, "l")));
        first.commit(new StoreRecord.Define("counter", "numbers", new TestDefinitions().counted(2)));
        first.publish(0, 150);
        first.commit(Records.move(first.orders, first.orders.applied.get(10).position(), "died", first.letters));
        first.close();
        var second = new FilledStore(folder);
        second.bodies.addAll(first.bodies);
        second.publish(150, 300);
        second.commit(Records.amend(second.orders, first.orders.applied.get(20).position(), "amended"));
        second.commit(Records.move(second.orders, second.orders.applied.get(11).position(), "died", second.letters));
        second.commit(Records.remove(second.orders, first.orders.applied.get(30).position()));
        second.commit(
                Records.remove(second.orders, second.orders.applied.get(30).position()));
        return second;
    }

    void publish(int from, int to) {
        for (int i = from; i < to; i++) {
            String body = "message " + i + " " + "x".repeat(i % 50 == 7 ? 9_000 : i * 7 % 900);
            bodies.add(body);
            commit(Records.enqueue(body, "overlay " + i, Marks.lasting(i % 3), orders));
        }
    }

    /** Messages that the queue of orders would know again, which are gone by now. */
    void publishWithKeys(int from, int to) {
        for (int i = from; i < to; i++) {
            var marks = Marks.lasting(4).with(List.of(key(i)));
            commit(Records.enqueue("with a key", "", marks, orders));
            var last = orders.applied.get(orders.applied.size() - 1);
            commit(Records.remove(orders, last.position()));
        }
    }

    static MessageKey key(int number) {
        return new MessageKey(1, 1L << number % 64, -number, 1_000_000L - number % 5, Long.MAX_VALUE, 1_000_000);
    }

    /** The keys that a store in real files remembers, in their order. */
    static List<MessageKey> keys(Path folder) {
        var keys = new ArrayList<MessageKey>();
        try (var store = MapDbStore.open(new DiskFiles(), folder, SMALL)) {
            store.recover(new MessageStore.Recovery() {
                @Override
                public void definition(String kind, String name, byte[] value) {}

                @Override
                public void key(long position, MessageKey key) {
                    keys.add(key);
                }

                @Override
                public void run(int queueId, int level, StoredRun run) {}

                @Override
                public void done(boolean clean) {}
            });
        }
        return keys;
    }

    void commit(StoreRecord record) {
        var answered = new AtomicBoolean();
        store.submit(record, loop, (position, failure) -> {
            assertThat(failure).isNull();
            answered.set(true);
        });
        loop.runUntil(answered::get);
    }

    @Override
    public void close() {
        store.close();
    }

    /** What a store in real files holds, positions aside. */
    static Contents contents(Path folder) {
        try (var store = MapDbStore.open(new DiskFiles(), folder, SMALL)) {
            var recovered = Recovered.of(store);
            assertThat(store.status().state()).isEqualTo("ok");
            return new Contents(recovered.definitions.toString(), messages(recovered, 1), messages(recovered, 2));
        }
    }

    static List<String> messages(Recovered recovered, int queue) {
        return recovered.queue(queue).stream()
                .map(message -> message.level() + message.format() + message.overlay() + message.body())
                .sorted()
                .toList();
    }

    /** Messages and definitions. */
    record Contents(String definitions, List<String> orders, List<String> letters) {}
}
