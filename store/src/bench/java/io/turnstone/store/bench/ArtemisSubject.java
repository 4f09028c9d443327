package io.turnstone.store.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.utils.collections.SparseArrayLinkedList;

/**
 * The journal of Apache ActiveMQ Artemis as its broker uses it: synced records with completions, a message is an add
 * and its removal a delete. That is kind to it: its broker writes three more records per message and queue.
 *
 * <p>It reads its files only when it is loaded, and whoever loads it keeps what is alive on the heap, as its broker
 * does; so reading costs nothing later, and opening costs all of it.
 *
 * <p>Owned by one thread; completions come from the journal's.
 */
final class ArtemisSubject implements Subject {

    /**
     * How the journal is set up.
     *
     * @param timeoutNanos the longest a record waits for others, {@code journal-buffer-timeout}
     * @param bufferBytes {@code journal-buffer-size}
     * @param fileBytes {@code journal-file-size}
     * @param minFiles {@code journal-min-files}, made in advance
     */
    record Settings(boolean aio, int timeoutNanos, int bufferBytes, int fileBytes, int minFiles) {

        /** What the broker does when nothing is configured and libaio is missing. */
        static final Settings NIO_DEFAULT = new Settings(false, 3_333_333, 501_760, 10 << 20, 2);

        /** What the broker does when nothing is configured and libaio is there. */
        static final Settings AIO_DEFAULT = new Settings(true, 500_000, 501_760, 10 << 20, 2);

        /** A timer of 0.1 ms as a fast disk asks for, a buffer for a thousand messages, files as Turnstone has them. */
        static final Settings NIO_TUNED = new Settings(false, 100_000, 2 << 20, 64 << 20, 2);

        /** The same without any waiting: the next group is what came during the last write. */
        static final Settings NIO_EAGER = new Settings(false, 1, 2 << 20, 64 << 20, 2);

        /** Like {@link #NIO_TUNED}. */
        static final Settings AIO_TUNED = new Settings(true, 100_000, 2 << 20, 64 << 20, 2);

        private SequentialFileFactory files(File folder) {
            if (aio && !AIOSequentialFileFactory.isSupported()) {
                throw new IllegalStateException("asynchronous I/O needs Linux on x86-64 and the package libaio1");
            }
            // 4096 and 1 are the journal-max-io of the broker's own configuration file.
            return aio
                    ? new AIOSequentialFileFactory(folder, bufferBytes, timeoutNanos, 4096, false)
                    : new NIOSequentialFileFactory(folder, true, bufferBytes, timeoutNanos, 1, false);
        }
    }

    private static final byte MESSAGE = 45;
    private static final int READ = 1000;
    // The broker's defaults: all files are used again; compaction of 10 files or more that are less than 30 % alive.
    private static final int POOL = -1;
    private static final int COMPACT_FILES = 10;
    private static final int COMPACT_PERCENT = 30;

    private final JournalImpl journal;
    private final Completions enqueues = new Completions();
    private final Completions removals = new Completions();
    private final ArrayDeque<RecordInfo> loaded = new ArrayDeque<>();
    private long submitted;
    private long next;
    private boolean wanted;

    ArtemisSubject(Path folder, Settings settings) throws IOException {
        var files = settings.files(folder.toFile());
        journal = new JournalImpl(
                settings.fileBytes(),
                settings.minFiles(),
                POOL,
                COMPACT_FILES,
                COMPACT_PERCENT,
                files,
                "activemq-data",
                "amq",
                files.getMaxIO());
        // A broker stops itself on these; so does a run.
        journal.setCriticalErrorListener((error, message, file) -> enqueues.onError(0, message));
        attempt(() -> {
            journal.start();
            var records = new SparseArrayLinkedList<RecordInfo>();
            journal.load(records, new ArrayList<>(), (id, failed, toDelete) -> {}, true);
            records.clear(loaded::add);
        });
        submitted = loaded.isEmpty() ? 0 : loaded.getLast().id + 1;
        next = submitted;
    }

    @Override
    public void enqueue(byte[] body) throws IOException {
        attempt(() -> journal.appendAddRecord(submitted++, MESSAGE, ArrayPersister.INSTANCE, body, true, enqueues));
    }

    @Override
    public void remove(long key) throws IOException {
        attempt(() -> journal.appendDeleteRecord(key, true, removals));
    }

    @Override
    public void more() {
        wanted = true;
    }

    @Override
    public void turn(Answers answers) throws IOException {
        if (wanted) {
            wanted = false;
            for (int i = 0; i < READ && !loaded.isEmpty(); i++) {
                var record = loaded.remove();
                answers.message(record.id, record.data, 0);
            }
        }
        Completions.await(enqueues, removals);
        for (int i = enqueues.take(); i > 0; i--) {
            answers.durable(next++);
        }
        answers.removed(removals.take());
    }

    @Override
    public void close() throws IOException {
        attempt(journal::stop);
    }

    private interface Attempt {
        void run() throws Exception;
    }

    private static void attempt(Attempt attempt) throws IOException {
        try {
            attempt.run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the journal refuses", e);
        }
    }
}
