package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Loop;
import io.turnstone.api.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue and whose turn it is: higher priority first; among equals in turn, each as often as its share of
 * the credit. Who has no credit or no bytes left takes no part. Owned by the queue's home loop.
 */
final class ConsumerRing {

    /** Consumers of one priority. */
    static final class Level {
        private final int priority;

        /** Those that take whatever is next and may get it, by how much they had. */
        private final RankHeap<Seat> ready = new RankHeap<>();

        /** Those that choose and have found what they may get, by how much they had. */
        final RankHeap<Seat> finders = new RankHeap<>();

        /** Those that choose, could get something and lag, in turn. */
        final Set<Choice> lagging = new LinkedHashSet<>();

        private long rank;
        private int seats;

        private Level(int priority) {
            this.priority = priority;
        }

        int priority() {
            return priority;
        }

        /** How much those had that take part all the time. */
        long rank() {
            return rank;
        }
    }

    private final List<Level> levels = new ArrayList<>();
    private final List<Seat> seats = new ArrayList<>();
    private List<Seat> browsers = List.of();
    private List<Seat> draining = List.of();
    private final Entries entries;
    private final Choosers choosers;
    private volatile long owner;
    private int taking;

    /** The one that gets messages, where only one does. */
    private @Nullable Seat active;

    /** Whether the one consumer there is wants no other. */
    private boolean exclusive;

    /** Of a queue that keeps groups, or (null) none. */
    ConsumerRing(Entries entries, @Nullable GroupSpec groups) {
        this.entries = entries;
        choosers = new Choosers(entries, levels, groups);
        if (groups != null) {
            entries.chosenBy(choosers);
        }
    }

    /** Those that choose. */
    Choosers choosers() {
        return choosers;
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
            draining = with(draining, seat);
        } else if (!wanted && seat.draining) {
            draining.remove(seat);
        }
        seat.draining = wanted;
    }

    private static List<Seat> with(List<Seat> seats, Seat added) {
        List<Seat> all = seats.isEmpty() ? new ArrayList<>(1) : seats;
        all.add(added);
        return all;
    }

    /** A copy, to be closed one by one. */
    List<Seat> all() {
        return List.copyOf(seats);
    }

    /**
     * Why this consumer may not come in, or null.
     *
     * @param behind whether messages are kept for another that is away
     */
    @Nullable
    Refusal refusal(String queue, boolean exclusiveQueue, boolean behind, ConsumerRequest request) {
        long connection = request.peer().connectionId();
        if (owner == 0 && exclusiveQueue && behind) {
            return locked(queue, "it is kept for a link that is away; attach that one first");
        }
        if (owner == 0 && exclusiveQueue) {
            owner = connection;
        }
        if (owner != 0 && owner != connection) {
            return locked(queue, "it belongs to another connection");
        }
        if (request.mode().browse()) {
            return null;
        }
        if (entries.keeps() && entries.claims().keepsAlone()) {
            return locked(queue, "its exclusive consumer is a link that is away; attach that one first");
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

    /**
     * A consumer comes in.
     *
     * @param singleActive whether it gets messages only if no other does
     * @param behind whether another is expected back who did
     */
    Seat open(QueueConsumer consumer, Loop loop, ConsumerRequest request, boolean singleActive, boolean behind) {
        Seat seat;
        if (request.mode().browse()) {
            seat = new Seat(consumer, loop, request, null, entries.line().cursor());
            browsers = with(browsers, seat);
        } else {
            Level level = level(request.priority());
            level.seats++;
            exclusive = request.mode().exclusive();
            seat = new Seat(consumer, loop, request, level, null);
            if (singleActive) {
                seat.standby = behind || active != null;
                active = seat.standby ? active : seat;
            }
            if (choosers.grouped() || seat.chooses()) {
                chooses(seat);
            }
        }
        seats.add(seat);
        return seat;
    }

    /** A consumer chooses from now on; it begins at the head of the line. */
    void chooses(Seat seat) {
        Level level = seat.level;
        if (level == null || seat.choice != null) {
            return;
        }
        if (seat.place() != RankHeap.Ranked.OUTSIDE) {
            level.ready.remove(seat);
            taking--;
        }
        entries.chosenBy(choosers);
        choosers.add(seat);
        refresh(seat);
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

    /** Lets the next in line get messages if nobody does; it, or null. */
    @Nullable
    Seat succeed() {
        if (active != null) {
            return null;
        }
        for (Seat seat : seats) {
            if (seat.standby && (active == null || seat.request.priority() > active.request.priority())) {
                active = seat;
            }
        }
        Seat next = active;
        if (next != null) {
            next.standby = false;
            refresh(next);
        }
        return next;
    }

    void close(Seat seat) {
        if (seat == active) {
            active = null;
        }
        seat.close();
        refresh(seat);
        seats.remove(seat);
        drain(seat, false);
        if (seat.choice != null) {
            choosers.remove(seat.choice);
        }
        Level level = seat.level;
        if (level == null) {
            browsers.remove(seat);
        } else if (--level.seats == 0) {
            levels.remove(level);
            exclusive &= !levels.isEmpty();
        }
    }

    /** Lets a consumer take part or not, after its credit or bytes changed. */
    void refresh(Seat seat) {
        Level level = seat.level;
        if (seat.choice != null) {
            choosers.refresh(seat.choice);
            return;
        }
        boolean taken = seat.place() != RankHeap.Ranked.OUTSIDE;
        if (level == null || seat.ready() == taken) {
            return;
        }
        if (taken) {
            level.ready.remove(seat);
            taking--;
        } else {
            seat.rejoin(level.rank);
            level.ready.update(seat);
            taking++;
        }
    }

    /** Whether anybody may get whatever is next. */
    boolean takes() {
        return taking > 0;
    }

    /** Whose turn it is among those who take whatever is next; null when nobody of them has credit. */
    @Nullable
    Seat next() {
        for (Level level : levels) {
            Seat seat = level.ready.first();
            if (seat != null) {
                return seat;
            }
        }
        return null;
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
        if (seat.choice == null && seat.ready()) {
            level.ready.update(seat);
        } else {
            refresh(seat);
        }
    }
}
