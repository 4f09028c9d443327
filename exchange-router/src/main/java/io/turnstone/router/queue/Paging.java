package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Has the {@link Run}s of one queue that are paged out read again before they are needed, several at once, the next ones
 * with the first. Owned by the queue's home loop.
 */
final class Paging {

    /** So far the entries behind the next to be delivered are read, and kept, unless heap is short. */
    static final int MAX_RUNS = 32;

    static final long MAX_BYTES = 2 << 20;

    private static final Logger LOG = LogManager.getLogger(Paging.class);

    /** While so many are on their way, those in which something may expire wait. */
    private static final int MAX_READING = 2 * MessageStore.MAX_READ / Run.SIZE;

    private static final long RETRY_MS = 1000;

    /** Of those that never wanted any. */
    private static final ArrayDeque<Run> NONE = new ArrayDeque<>(0);

    /** Runs that are read with one call. */
    private final class Load implements MessageStore.Loaded {
        private final List<Run> runs = new ArrayList<>(MessageStore.MAX_READ / Run.SIZE);
        private int messages;
        private long bytes;

        private boolean takes(Run run) {
            return runs.isEmpty() || (messages + run.live <= MessageStore.MAX_READ && bytes + run.bytes <= MAX_BYTES);
        }

        private void add(Run run) {
            runs.add(run);
            messages += run.live;
            bytes += run.bytes;
        }

        private void start() {
            var positions = new long[messages];
            int count = 0;
            for (Run run : runs) {
                Page page = run.page;
                if (page != null) {
                    System.arraycopy(page.positions(run.live), 0, positions, count, run.live);
                    count += run.live;
                }
            }
            Arrays.sort(positions); // of several levels, or delayed
            home.reader().read(queue, positions, bytes, this);
        }

        @Override
        public void loaded(@Nullable List<StoredMessage> found, @Nullable StoreException failure) {
            if (stopped) {
                return;
            }
            if (found == null) {
                failed(runs, failure);
                return;
            }
            failing = false;
            for (Run run : runs) {
                pageIn(run, found);
            }
            entries.dropExcess();
            queue.wake();
        }
    }

    private final MessageQueue queue;
    private final Entries entries;
    private final QueueHome home;
    private final Eviction eviction;

    /** To be asked for at the end of this turn. */
    private ArrayDeque<Run> wanted = NONE;

    /** To be asked for again, after a while. */
    private List<Run> failed = List.of();

    /** Runs that are wanted or on their way. */
    private int reading;

    private long readingBytes;
    private boolean failing;
    private boolean stopped;
    private Loop.@Nullable Timer timer;

    /** For one queue, which may be {@code durable}. */
    Paging(MessageQueue queue, Entries entries, QueueHome home, boolean durable) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
        eviction = new Eviction(entries, home.memory(), durable && home.store().reads());
    }

    Eviction eviction() {
        return eviction;
    }

    /** Nothing that was there before the restart is read until somebody needs it, or {@link #survey} has its turn. */
    void start() {
        eviction.start();
    }

    /**
     * Looks at what is first in each line, if that was there before the restart and nobody has read it: when it arrived,
     * and whether some of it has to wait, which is read for good then, unless heap is short.
     *
     * @return how often {@code answered} will run
     */
    int survey(Runnable answered) {
        int looks = 0;
        ReadyMessages lines = entries.line();
        for (int level = 0; level < lines.levels(); level++) {
            FifoMessages line = lines.level(level);
            Run run = line == null ? Run.NOWHERE : line.lead();
            Page page = run.page;
            if (page != null && page.unknown() && run.out() && !page.loading) {
                looks++;
                home.reader().read(queue, page.positions(run.live), run.bytes, (found, failure) -> {
                    answered.run();
                    if (found != null && !stopped && run.page == page && run.out()) {
                        looked(run, page, found);
                    }
                });
            }
        }
        return looks;
    }

    private void looked(Run run, Page page, List<StoredMessage> found) {
        page.arrivedAtMs = home.reader().arrivedAtMs(queue, found, run.live);
        if (page.unknown() && home.memory().window() == HeapShare.ALL) {
            want(run);
        }
        queue.wake();
    }

    /** A run is next: it is read, if it must be, and those behind it before they are needed. */
    void reach(Run next) {
        if (entries.counters().paged() == 0) {
            return;
        }
        long left = MAX_BYTES;
        boolean reads = false;
        Run run = next;
        for (int i = 0; run != null && i < runs() && left > 0; i++) {
            if (run.out()) {
                if (!reads && i > 0 && (i >= MAX_RUNS / 2 || left <= MAX_BYTES / 2)) {
                    return; // enough is here, and reading more at once costs less
                }
                reads = true;
                want(run);
            }
            left -= run.bytes;
            run = run.after;
        }
    }

    /** How many runs may be read now: one in any case. */
    private int runs() {
        return Math.max(1, Math.min(MAX_RUNS, home.memory().window()));
    }

    /** Has a run read alone, if not too many are on their way; a turn of the queue follows when they are here. */
    boolean read(Run run) {
        if (reading >= MAX_READING) {
            return false;
        }
        want(run);
        return true;
    }

    private void want(Run run) {
        Page page = run.page;
        if (page != null && !page.loading) {
            page.loading = true;
            if (wanted == NONE) {
                wanted = new ArrayDeque<>(1);
            }
            wanted.add(run);
            reading++;
            count(cost(run));
        }
    }

    /** A run has more than it may hold when one large message is in it, which may be in a file. */
    private static long cost(Run run) {
        return Math.min(run.bytes, 2 * Run.MAX_BYTES) + run.live * HeapShare.MESSAGE_BYTES;
    }

    private void count(long bytes) {
        readingBytes += bytes;
        home.memory().reading(bytes);
    }

    /** Asks the store for what is wanted. */
    void submit() {
        while (!wanted.isEmpty()) {
            var load = new Load();
            while (!wanted.isEmpty() && load.takes(wanted.element())) {
                load.add(wanted.remove());
            }
            load.start();
        }
    }

    private void pageIn(Run run, List<StoredMessage> found) {
        reading--;
        count(-cost(run));
        Page page = run.page;
        if (page == null || run.unlinked) {
            return; // purged meanwhile
        }
        page.loading = false;
        if (!run.out()) {
            return; // being purged
        }
        var read = new Entry[run.used];
        long[] positions = page.positions(run.live);
        int i = 0;
        for (long rest = run.ready; rest != 0; rest &= rest - 1) {
            int slot = Long.numberOfTrailingZeros(rest);
            boolean seen = (page.seen >>> slot & 1) != 0;
            read[slot] = home.reader().entry(queue, positions[i++], seen, found);
        }
        entries.pageIn(run, read);
    }

    private void failed(List<Run> runs, @Nullable StoreException failure) {
        if (!failing) {
            failing = true;
            LOG.warn(
                    "queue={} its messages cannot be read, tried again every {} ms: {}",
                    queue.name(),
                    RETRY_MS,
                    failure == null ? "no reason given" : failure.getMessage());
        }
        if (failed.isEmpty()) {
            failed = new ArrayList<>(runs.size());
        }
        failed.addAll(runs);
        if (timer == null) {
            timer = home.loop().schedule(RETRY_MS, this::again);
        }
    }

    private void again() {
        timer = null;
        wanted.addAll(failed); // they made it one of its own
        failed = List.of();
        queue.wake();
    }

    /** Ends it: the queue is dropped. */
    void stop() {
        stopped = true;
        eviction.stop();
        wanted = NONE;
        failed = List.of();
        count(-readingBytes);
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
