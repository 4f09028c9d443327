package io.turnstone.store.tools;

import io.turnstone.api.Body;
import io.turnstone.api.Loop;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.api.store.StoredRun;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.spool.SpooledFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A store that nobody uses and that gets definitions and messages from elsewhere. Owned by one thread. */
final class StoreFilling implements StoreSink, AutoCloseable {

    private static final long MAX_WAITING = 32 << 20;
    private static final int OVERHEAD = 256;
    private static final byte[] NOTHING = {};

    /** No queue has so many levels; each message says its own. */
    private static final int LEVELS = 256;

    private record Filled(int id, Loop home) implements StoredQueue {
        @Override
        public int levels() {
            return LEVELS;
        }

        @Override
        public void apply(StoreRecord record, long position) {
            // nobody consumes from here
        }
    }

    private final MapDbStore store;
    private final CallerLoop loop = new CallerLoop(0);
    private final Map<Integer, StoredQueue> queues = new HashMap<>();
    final Map<DefinitionKey, byte[]> definitions = new HashMap<>();
    private @Nullable StoreException failure;
    private long waiting;

    StoreFilling(Path folder) {
        store = MapDbStore.open(new DiskFiles(), folder, StoreOptions.DEFAULTS);
        try {
            store.recover(new Recovery() {
                @Override
                public void definition(String kind, String name, byte[] value) {
                    definitions.put(new DefinitionKey(kind, name), value);
                }

                @Override
                public void run(int queueId, int level, StoredRun run) {}

                @Override
                public void done(boolean clean) {}
            });
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }

    @Override
    public void definition(String kind, String name, byte[] value) {
        submit(new StoreRecord.Define(kind, name, value), value.length);
    }

    /** In a record that enters no queue. */
    @Override
    public void key(MessageKey key) {
        var marks = Marks.lasting(0).with(List.of(key));
        submit(new StoreRecord.Enqueue(List.of(), "", Body.Inline.of(NOTHING), NOTHING, marks, true, key), 0);
    }

    @Override
    public void message(int queue, int level, long expiresAtMs, StoredMessage message) throws IOException {
        if (!(message.body() instanceof Body.Spooled spooled)) {
            message(queue, level, expiresAtMs, message, message.body());
            return;
        }
        try (var bytes = ((SpooledFile) spooled.file()).open()) {
            message(queue, level, expiresAtMs, message, spooled(spooled.head().size(), bytes));
        }
    }

    /** A body in a file of this store. */
    Body.Spooled spooled(int headBytes, InputStream bytes) throws IOException {
        return new SpoolFilling(store.spool().orElseThrow(), loop).write(headBytes, bytes);
    }

    private void message(int queue, int level, long expiresAtMs, StoredMessage message, Body body) {
        var target = queues.computeIfAbsent(queue, id -> new Filled(id, loop));
        submit(
                new StoreRecord.Enqueue(
                        List.of(target),
                        message.format(),
                        body,
                        message.overlay(),
                        new Marks(level, expiresAtMs),
                        true,
                        message),
                body.heapBytes());
    }

    /** A message whose body is of this store. */
    void add(int queue, int level, long expiresAtMs, StoredMessage message) {
        message(queue, level, expiresAtMs, message, message.body());
    }

    private void submit(StoreRecord record, long bytes) {
        long size = bytes + OVERHEAD;
        waiting += size;
        store.submit(record, loop, (position, refused) -> {
            waiting -= size;
            failure = failure == null ? refused : failure;
        });
        loop.runUntil(() -> waiting <= MAX_WAITING && !store.congested());
        check();
    }

    private void check() {
        if (failure != null) {
            throw failure;
        }
    }

    /** Waits until everything is durable. */
    void finish() {
        loop.runUntil(() -> waiting == 0);
        check();
    }

    @Override
    public void close() {
        store.close();
    }
}
