package io.turnstone.store.bench;

import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.api.store.StoredRun;
import io.turnstone.store.tools.CallerLoop;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Turnstone's store through the door of its api, as the router uses it: one queue and its publisher on one loop, an
 * overlay of 40 bytes beside each message, the removals of a turn in one record, two reads ahead while draining.
 * Owned by the thread that turns it.
 */
final class TurnstoneSubject implements Subject {

    private static final int QUEUE = 1;
    private static final int MAX_REMOVE = 1024;
    private static final int READ = 512;
    private static final int READS_AHEAD = 2;
    private static final int PRIORITY = 4;

    private final byte[] overlay = new byte[40];
    private final CallerLoop loop = new CallerLoop(0);
    private final OneQueue queue = new OneQueue(QUEUE, loop);
    private final List<OneQueue> queues = List.of(queue);
    private final MessageStore store;
    private final Positions backlog = new Positions();
    private final Longs leaving = new Longs();
    private final ArrayDeque<Reading> readings = new ArrayDeque<>();
    private final MessageStore.Committed durable = this::durable;
    private @Nullable Answers answers;
    private StoreStatus before;

    TurnstoneSubject(Path folder, Map<String, Object> options) {
        store = ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.type().equals("mapdb"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no store of type mapdb on the class path"))
                .open(folder, options);
        store.recover(new Backlog());
        before = store.status();
    }

    private final class Backlog implements MessageStore.Recovery {

        @Override
        public void definition(String kind, String name, byte[] value) {
            throw new IllegalStateException("nothing was defined: " + name);
        }

        @Override
        public void run(int queueId, int level, StoredRun run) {
            for (long position : run.positions()) {
                backlog.add(position);
            }
        }

        @Override
        public void done(boolean clean) {
            // Nothing is done differently after a crash.
        }
    }

    @Override
    public void enqueue(byte[] body) {
        var record = new StoreRecord.Enqueue(
                queues, "bench", Body.Inline.of(body), overlay, Marks.lasting(PRIORITY), true, "");
        store.submit(record, loop, durable);
    }

    private void durable(long position, @Nullable StoreException failure) {
        answers(failure).durable(position);
    }

    private Answers answers(@Nullable StoreException failure) {
        if (failure != null) {
            throw failure;
        }
        if (answers == null) {
            throw new IllegalStateException("an answer outside of any turn");
        }
        return answers;
    }

    @Override
    public void remove(long key) {
        leaving.add(key);
    }

    @Override
    public void more() {
        if (readings.size() < READS_AHEAD && !backlog.isEmpty()) {
            long[] positions = backlog.take(READ);
            var reading = new Reading(positions.length);
            readings.add(reading);
            store.read(queue, positions, loop, reading);
        }
    }

    @Override
    public void turn(Answers told) {
        answers = told;
        for (int from = 0; from < leaving.size(); from += MAX_REMOVE) {
            long[] positions = leaving.slice(from, MAX_REMOVE);
            store.submit(
                    new StoreRecord.Remove(queue, positions, ""),
                    loop,
                    (position, failure) -> answers(failure).removed(positions.length));
        }
        leaving.clear();
        loop.turn();
        while (!readings.isEmpty() && readings.element().hand(told)) {
            readings.remove();
        }
    }

    @Override
    public boolean congested() {
        return store.congested();
    }

    @Override
    public String detail() {
        var now = store.status();
        long commits = Math.max(1, now.commits() - before.commits());
        String detail = String.format(
                Locale.ROOT,
                "%.1f records and %.0f µs per commit, journal %d MiB, absorbed %d MiB, %s",
                (double) (now.records() - before.records()) / commits,
                (now.commitNanos() - before.commitNanos()) / 1e3 / commits,
                now.journalBytes() >> 20,
                now.absorbedBytes() >> 20,
                now.state());
        before = now;
        return detail;
    }

    @Override
    public void close() {
        store.close();
    }
}
