package io.turnstone.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thread with its connections. The main thread hands it phases and reads the progress that it publishes at the end of each turn; tally and logs may be read once the thread has ended.
 */
final class Loop implements Runnable {

    private static final long MAX_SLEEP_MS = 100;

    private final Selector selector;
    private final Performatives performatives;
    private final List<Connection> connections = new ArrayList<>();
    private final Tally tally = new Tally();
    private final List<SequenceLog> logs = new ArrayList<>();

    private volatile Phase asked = Phase.NONE;
    private volatile boolean stopping;

    private volatile Progress progress = Progress.NONE;
    private volatile @Nullable Exception failure;

    Loop(Performatives performatives) throws IOException {
        this.performatives = performatives;
        selector = Selector.open();
    }

    Selector selector() {
        return selector;
    }

    Tally tally() {
        return tally;
    }

    /** One log per consumer with fan-out, else one for all of this loop. */
    List<SequenceLog> logs() {
        return logs;
    }

    /** Only before the thread starts. */
    void add(Connection connection) {
        connections.add(connection);
    }

    void begin(Phase phase) {
        asked = phase;
        selector.wakeup();
    }

    void stop() {
        stopping = true;
        selector.wakeup();
    }

    Progress progress() {
        return progress;
    }

    @Nullable
    Exception failure() {
        return failure;
    }

    @Override
    public void run() {
        try {
            Phase phase = Phase.NONE;
            while (!stopping) {
                Phase next = asked;
                if (next.number() != phase.number()) {
                    phase = next;
                    connections.forEach(connection -> connection.session().begin(next));
                }
                turn(phase);
            }
        } catch (UncheckedIOException e) {
            failure = e.getCause();
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            connections.forEach(connection -> connection.close(performatives));
        }
    }

    private void turn(Phase phase) throws IOException {
        long now = System.nanoTime();
        boolean more = false;
        long sleepMs = MAX_SLEEP_MS;
        for (int i = 0; i < connections.size(); i++) {
            more |= connections.get(i).write(now);
            sleepMs = Math.min(sleepMs, connections.get(i).maxSleepMs());
        }
        publish(phase, now);
        if (more) {
            selector.selectNow(this::read);
        } else {
            selector.select(this::read, sleepMs);
        }
    }

    private void read(SelectionKey key) {
        if (key.isReadable() && key.attachment() instanceof Connection connection) {
            try {
                connection.read(System.nanoTime());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void publish(Phase phase, long now) {
        boolean all = true;
        boolean done = true;
        for (int i = 0; i < connections.size(); i++) {
            all &= connections.get(i).session().allAttached();
            done &= connections.get(i).session().done(now);
        }
        long different = 0;
        for (int i = 0; i < logs.size(); i++) {
            different += logs.get(i).distinct();
        }
        int phaseDone = done ? phase.number() : progress.phaseDone();
        progress = new Progress(all, phaseDone, tally.sent, tally.settled, tally.refused, different, tally.received);
    }
}
