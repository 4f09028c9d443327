package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Loop;
import io.turnstone.api.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue and whose turn it is: higher priority first; among equals in turn, each as often as its share of
 * the credit. Who has no credit or no bytes left takes no part. Owned by the queue's home loop.
 */
final class ConsumerRing {

    /** Consumers of one priority: those that take part, by how much they had. */
    static final class Level {
        private final int priority;
        private final RankHeap<Seat> ready = new RankHeap<>();
        private long rank;
        private int seats;

        private Level(int priority) {
            this.priority = priority;
        }
    }

    private final List<Level> levels = new ArrayList<>();
    private final List<Seat> seats = new ArrayList<>();
    private final List<Seat> browsers = new ArrayList<>();
    private final List<Seat> draining = new ArrayList<>();
    private final ReadyMessages line;
    private volatile long owner;
    private int taking;

    /** Whether the one consumer there is wants no other. */
    private boolean exclusive;

    ConsumerRing(ReadyMessages line) {
        this.line = line;
    }

    /** Only this connection may consume. */
    void owner(long connectionId) {
        owner = connectionId;
    }

    int size() {
        return seats.size();
    }

    List<Seat> browsers() {
        return browsers;
    }

    List<Seat> draining() {
        return draining;
    }

    /** A consumer wants to drain, or does not any more. */
    void drain(Seat seat, boolean wanted) {
        if (wanted && !seat.draining) {
            draining.add(seat);
        } else if (!wanted) {
            draining.remove(seat);
        }
        seat.draining = wanted;
    }

    /** A copy, to be closed one by one. */
    List<Seat> all() {
        return List.copyOf(seats);
    }

    /** Why this consumer may not come in, or null. */
    @Nullable
    Refusal refusal(String queue, boolean exclusiveQueue, ConsumerRequest request) {
        long connection = request.peer().connectionId();
        if (owner == 0 && exclusiveQueue) {
            owner = connection;
        }
        if (owner != 0 && owner != connection) {
            return locked(queue, "it belongs to another connection");
        }
        if (request.mode().browse()) {
            return null;
        }
        if (exclusive) {
            return locked(queue, "it has an exclusive consumer");
        }
        return request.mode().exclusive() && !levels.isEmpty() ? locked(queue, "it has other consumers") : null;
    }

    private static Refusal locked(String queue, String why) {
        return new Refusal(
                Condition.RESOURCE_LOCKED,
                "cannot obtain exclusive access to locked queue '" + queue + "': " + why,
                Map.of("queue", queue));
    }

    Seat open(QueueConsumer consumer, Loop loop, ConsumerRequest request) {
        Seat seat;
        if (request.mode().browse()) {
            seat = new Seat(consumer, loop, request, null, line.cursor());
            browsers.add(seat);
        } else {
            Level level = level(request.priority());
            level.seats++;
            exclusive = request.mode().exclusive();
            seat = new Seat(consumer, loop, request, level, null);
        }
        seats.add(seat);
        return seat;
    }

    private Level level(int priority) {
        int at = 0;
        while (at < levels.size() && levels.get(at).priority > priority) {
            at++;
        }
        if (at == levels.size() || levels.get(at).priority != priority) {
            levels.add(at, new Level(priority));
        }
        return levels.get(at);
    }

    void close(Seat seat) {
        seat.close();
        refresh(seat);
        seats.remove(seat);
        draining.remove(seat);
        Level level = seat.level;
        if (level == null) {
            browsers.remove(seat);
        } else if (--level.seats == 0) {
            levels.remove(level);
            exclusive &= !levels.isEmpty();
        }
    }

    /** Lets a consumer take part or not, after its credit or bytes changed; whether it takes part from now on. */
    boolean refresh(Seat seat) {
        Level level = seat.level;
        boolean taken = seat.place() != RankHeap.Ranked.OUTSIDE;
        if (level == null || seat.ready() == taken) {
            return false;
        }
        if (taken) {
            level.ready.remove(seat);
            taking--;
            return false;
        }
        seat.rejoin(level.rank);
        level.ready.update(seat);
        taking++;
        return true;
    }

    /** Whether anybody may get a delivery. */
    boolean takes() {
        return taking > 0;
    }

    /** Whose turn it is for this entry; null when nobody with credit may have it. */
    @Nullable
    Seat next(Entry entry) {
        for (Level level : levels) {
            Seat seat = entry.choosy() ? allowed(level, entry) : level.ready.first();
            if (seat != null) {
                return seat;
            }
        }
        return null;
    }

    private static @Nullable Seat allowed(Level level, Entry entry) {
        Seat best = null;
        for (int i = 0; i < level.ready.size(); i++) {
            Seat seat = level.ready.get(i);
            if ((best == null || seat.rank() < best.rank()) && !entry.excludes(seat)) {
                best = seat;
            }
        }
        return best;
    }

    /** One delivery went to this consumer. */
    void served(Seat seat, long bytes) {
        Level level = seat.level;
        if (level == null) {
            seat.served(bytes);
            return;
        }
        level.rank = Math.max(level.rank, seat.rank());
        seat.served(bytes);
        if (seat.ready()) {
            level.ready.update(seat);
        } else {
            refresh(seat);
        }
    }
}
