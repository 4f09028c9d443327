package io.turnstone.store;

import com.sun.management.OperatingSystemMXBean;
import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredRun;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Records per second and processor time per record of the store on this machine's disk: one loop keeps a number of
 * records in flight. Run as docs/performance.md says; prints one line per number in flight.
 */
final class JournalBench {

    private static final int BODY = 1024;
    private static final double SECONDS = 4;

    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop, false);
    private final byte[] body = new byte[BODY];
    private final byte[] overlay = new byte[40];
    private final long[] latencies = new long[1 << 20];
    private final boolean acknowledging;
    private final MapDbStore store;
    private int inFlight;
    private long submitted;
    private long durable;
    private long measured;
    private boolean stopping;

    private JournalBench(MapDbStore store, boolean acknowledging) {
        this.store = store;
        this.acknowledging = acknowledging;
    }

    /** Arguments: a folder, {@code enqueue} or {@code settle}, the numbers in flight; or {@code reopen}, a backlog. */
    public static void main(String[] arguments) throws IOException {
        var folder = Path.of(arguments[0]);
        if (arguments[1].equals("reopen")) {
            reopen(folder, Integer.parseInt(arguments[2]));
            return;
        }
        boolean acknowledging = arguments[1].equals("settle");
        for (String number : Arrays.copyOfRange(arguments, 2, arguments.length)) {
            int inFlight = Integer.parseInt(number);
            var place = Files.createTempDirectory(folder, "bench");
            var store = MapDbStore.open(new DiskFiles(), place, StoreOptions.DEFAULTS);
            Recovered.of(store);
            var bench = new JournalBench(store, acknowledging);
            bench.run(inFlight, 1.5);
            bench.measure(inFlight);
            store.close();
            delete(place);
        }
    }

    /** How long a backlog takes to absorb on close and to read on open, and what the index costs. */
    private static void reopen(Path folder, int messages) throws IOException {
        var place = Files.createTempDirectory(folder, "bench");
        var store = MapDbStore.open(new DiskFiles(), place, StoreOptions.DEFAULTS);
        Recovered.of(store);
        var bench = new JournalBench(store, false);
        for (int sent = 0; sent < messages; sent += 1000) {
            for (int i = 0; i < 1000; i++) {
                bench.stopping = true;
                bench.enqueue();
            }
            bench.loop.runUntil(() -> bench.inFlight == 0);
        }
        long start = System.nanoTime();
        store.close();
        long closed = System.nanoTime();
        var again = MapDbStore.open(new DiskFiles(), place, StoreOptions.DEFAULTS);
        var counting = new Counting();
        again.recover(counting);
        long opened = System.nanoTime();
        System.gc();
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.printf(
                "backlog %,d: close %d ms, open %d ms for %,d messages, MapDB file %d MiB, heap %d MiB%n",
                messages,
                (closed - start) / 1_000_000,
                (opened - closed) / 1_000_000,
                counting.messages,
                again.status().absorbedBytes() >> 20,
                heap >> 20);
        again.close();
        delete(place);
    }

    private static final class Counting implements MessageStore.Recovery {
        private long messages;

        @Override
        public void definition(String kind, String name, byte[] value) {}

        @Override
        public void run(int queueId, int level, StoredRun run) {
            messages += run.positions().length;
        }

        @Override
        public void done(boolean clean) {}
    }

    private static void delete(Path place) throws IOException {
        try (var files = Files.walk(place)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void measure(int count) {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var before = store.status();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        long records = run(count, SECONDS);
        double seconds = (System.nanoTime() - start) / 1e9;
        cpu = system.getProcessCpuTime() - cpu;
        var after = store.status();
        long commits = after.commits() - before.commits();
        int samples = (int) Math.min(measured, latencies.length);
        Arrays.sort(latencies, 0, samples);
        System.out.printf(
                "in flight %5d: %,9.0f messages/s, %5.2f us cpu/message, %6.1f records/commit, %6.0f us/commit,"
                        + " latency us p50 %d p99 %d, journal %d MiB%n",
                count,
                records / seconds,
                cpu / 1e3 / records,
                (double) (after.records() - before.records()) / commits,
                (after.commitNanos() - before.commitNanos()) / 1e3 / commits,
                latencies[samples / 2] / 1000,
                latencies[(int) (samples * 0.99)] / 1000,
                after.journalBytes() >> 20);
    }

    private long run(int count, double seconds) {
        long deadline = System.nanoTime() + (long) (seconds * 1e9);
        stopping = false;
        measured = 0;
        durable = 0;
        for (int i = 0; i < count; i++) {
            enqueue();
        }
        loop.runUntil(() -> {
            if (System.nanoTime() > deadline) {
                stopping = true;
            }
            return stopping && inFlight == 0;
        });
        return durable;
    }

    private void enqueue() {
        inFlight++;
        submitted++;
        boolean sampled = (submitted & 15) == 0;
        long start = sampled ? System.nanoTime() : 0;
        var record = new StoreRecord.Enqueue(
                List.of(queue), "amqp", Body.Inline.of(body), overlay, Marks.lasting(4), true, "");
        store.submit(record, loop, (position, failure) -> {
            if (failure != null) {
                throw failure;
            }
            inFlight--;
            durable++;
            if (sampled && measured < latencies.length) {
                latencies[(int) measured++] = System.nanoTime() - start;
            }
            if (acknowledging) {
                store.submit(new StoreRecord.Remove(queue, new long[] {position}, ""), loop, null);
            }
            if (!stopping) {
                enqueue();
            }
        });
    }
}
