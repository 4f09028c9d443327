package io.turnstone.store.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;

/**
 * H2's MVStore: a map from number to message, with its own types for both, and {@code commit} followed by {@code sync}
 * for each batch, as its documentation asks of those who want durability. Commits in the background are off, because
 * each batch commits; old versions are not kept and free chunks are used again at once ({@code retentionTime} 0), which
 * its documentation allows when the user syncs. Cache (16 MiB) and page size are its defaults. Reads with a cursor.
 * Owned by one thread.
 */
final class MvStoreSubject implements Subject {

    private static final int READ = 1000;

    private final MVStore store;
    private final MVMap<Long, byte[]> map;
    private final Batches batches;
    private final Cursor<Long, byte[]> cursor;
    private boolean wanted;

    MvStoreSubject(Path folder) {
        store = new MVStore.Builder()
                .fileName(folder.resolve("mvstore").toString())
                .autoCommitDisabled()
                .open();
        store.setRetentionTime(0);
        store.setVersionsToKeep(0);
        map = store.openMap(
                "messages",
                new MVMap.Builder<Long, byte[]>().keyType(LongDataType.INSTANCE).valueType(ByteArrayDataType.INSTANCE));
        Long last = map.lastKey();
        batches = new Batches(last == null ? 0 : last + 1);
        cursor = map.cursor(null);
    }

    @Override
    public void enqueue(byte[] body) {
        map.put(batches.enqueued(), body);
    }

    @Override
    public void remove(long key) {
        batches.removed();
        map.remove(key);
    }

    @Override
    public void more() {
        wanted = true;
    }

    @Override
    public void turn(Answers answers) throws IOException {
        if (wanted) {
            wanted = false;
            read(answers);
        }
        batches.commit(this::commit, answers);
    }

    private void commit() {
        store.commit();
        store.sync();
    }

    private void read(Answers answers) {
        for (int i = 0; i < READ && cursor.hasNext(); i++) {
            long key = cursor.next();
            answers.message(key, cursor.getValue(), 0);
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
