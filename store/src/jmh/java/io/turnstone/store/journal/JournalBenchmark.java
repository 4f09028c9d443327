package io.turnstone.store.journal;

import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.TestQueue;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.tools.CallerLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A group of messages of 1 KiB appended to the journal: encoded, summed up, written once. Without a folder nothing is
 * written, and what is left is the processor's work; with {@code -p folder=FOLDER} it is durable there when an operation
 * ends, and each iteration leaves as many files as it fills, which go with its end.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JournalBenchmark {

    private static final int BODY = 1024;
    private static final int OVERLAY = 40;

    /** Messages of one group. */
    @Param({"1", "100"})
    public int group;

    /** Where the journal is; empty for nowhere. */
    @Param("")
    public String folder = "";

    private final List<Submission> submissions = new ArrayList<>();
    private Path path = Path.of("");
    private JournalTail tail = tail(new NoFiles());
    private Journal journal = journal(new NoFiles());

    /** Makes the messages. */
    @Setup
    public void fill() {
        var queue = new TestQueue(1, new CallerLoop(0), false);
        for (int i = 0; i < group; i++) {
            var record = new StoreRecord.Enqueue(
                    List.of(queue),
                    "jmh",
                    Body.Inline.of(new byte[BODY]),
                    new byte[OVERLAY],
                    Marks.lasting(4),
                    true,
                    "");
            submissions.add(new Submission(record, queue.home(), null));
        }
    }

    /** Begins a journal. */
    @Setup(Level.Iteration)
    public void open() throws IOException {
        FileLayer files = folder.isEmpty() ? new NoFiles() : new DiskFiles();
        path = folder.isEmpty() ? Path.of("") : Files.createTempDirectory(Path.of(folder), "jmh-");
        tail = tail(files);
        journal = journal(files);
    }

    private JournalTail tail(FileLayer files) {
        return new JournalTail(files, new StoreHealth(path, files), StoreOptions.DEFAULTS);
    }

    private Journal journal(FileLayer files) {
        return new Journal(
                new SegmentPool(files, path, StoreOptions.DEFAULTS),
                tail,
                new StoreHealth(path, files),
                StoreOptions.DEFAULTS,
                new Journal.JournalEnd(1, 0, 0, 0),
                ops -> {});
    }

    /** Ends it. */
    @TearDown(Level.Iteration)
    public void close() throws IOException {
        journal.close();
        if (!folder.isEmpty()) {
            try (var files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** All of the group; a figure is for the group, not for each of its messages. */
    @Benchmark
    public int append() {
        int written = journal.append(submissions);
        if (written != group) {
            throw new IllegalStateException(written + " of " + group + " were written");
        }
        return written;
    }
}
