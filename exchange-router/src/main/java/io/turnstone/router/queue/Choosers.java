package io.turnstone.router.queue;

import io.turnstone.api.GroupSpec;
import io.turnstone.api.MessageFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * Whoever takes anything takes the head of the line. Consumers that choose look past it:
 *
 * - One cursor, the frontier, goes once over every ready entry for all of them, while one of them has credit. Whoever
 *   wants the entry and has credit gets it, or all who want it remember it (Choice.found).
 * - Who comes late, or could not remember all, lags: it looks by a cursor of its own, while it has credit, until that
 *   comes to the end of the line.
 * - An entry that returns is offered at once to those who have passed its place.
 *
 * So nothing is looked at again that did not change, and a turn has a budget of looks.
 */
/**
 * The consumers of a queue that choose among its messages: by a filter, by who published them, or because something was
 * undeliverable to them. Owned by the queue's home loop.
 */
final class Choosers {

    private static final int LOOKS_PER_TURN = 2048;

    /** Looks of one that lags before the next has its turn. */
    private static final int LOOKS_AT_ONCE = 256;

    private static final List<Choice> NOBODY = List.of();

    private final Entries entries;
    private final ReadyMessages line;
    private final List<ConsumerRing.Level> levels;

    /** By the value they wait for. */
    private Map<MessageFilter.Field, Map<Object, List<Choice>>> keyed = Map.of();

    /** Those that have to be asked about every entry. */
    private List<Choice> others = NOBODY;

    private List<Choice> candidates = NOBODY;
    private List<Choice> wanting = NOBODY;

    /** Lag, and stand before a run that is being read. */
    private Set<Choice> stuck = Set.of();

    private final @Nullable Groups groups;
    private ReadyMessages.Cursor frontier;
    private int size;

    /** Those that do not lag, and of them those that could take something. */
    private int abreast;

    private int takers;
    private int looksLeft;
    private boolean atEnd;

    /** Of a queue whose consumers have these levels of priority, highest first, and that keeps groups, or (null) none. */
    Choosers(Entries entries, List<ConsumerRing.Level> levels, @Nullable GroupSpec spec) {
        this.entries = entries;
        this.levels = levels;
        line = entries.line();
        frontier = line.cursor();
        groups = spec == null ? null : new Groups(this, spec, entries.loop());
    }

    /** Whether it depends on their groups who gets messages: then all consumers choose. */
    boolean grouped() {
        return groups != null;
    }

    /** Which consumers they are with; null when it keeps none. */
    @Nullable
    Groups groups() {
        return groups;
    }

    /** Whether a consumer wants an entry and may have it. */
    boolean wants(Seat seat, Entry entry) {
        return seat.wants(entry) && (groups == null || groups.allows(entry, seat, frontier));
    }

    /** An entry is about to be delivered. */
    void delivers(Entry entry, Seat seat) {
        if (groups != null) {
            groups.delivers(entry, seat);
        }
    }

    /** An entry waits for its time. */
    void delayed(Entry entry) {
        if (groups != null && entry.overlay().attempts() > 0) {
            groups.delays(entry);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** A consumer chooses from now on. */
    void add(Seat seat) {
        if (others == NOBODY) {
            begins();
        }
        var choice = new Choice(seat, line.cursor());
        seat.choice = choice;
        peers(choice).add(choice);
        size++;
    }

    /** The first that chooses: most queues never have one, and keep nothing for it. */
    private void begins() {
        keyed = new HashMap<>();
        others = new ArrayList<>();
        candidates = new ArrayList<>();
        wanting = new ArrayList<>();
        stuck = new LinkedHashSet<>();
    }

    private List<Choice> peers(Choice choice) {
        MessageFilter.Key key = choice.key;
        return key == null
                ? others
                : keyed.computeIfAbsent(key.field(), field -> new HashMap<>())
                        .computeIfAbsent(key.value(), value -> new ArrayList<>(1));
    }

    /** A consumer is gone. */
    void remove(Choice choice) {
        List<Choice> peers = peers(choice);
        peers.remove(choice);
        MessageFilter.Key key = choice.key;
        if (key != null && peers.isEmpty()) {
            Map<Object, List<Choice>> values = keyed.get(key.field());
            if (values != null && values.remove(key.value()) != null && values.isEmpty()) {
                keyed.remove(key.field());
            }
        }
        stuck.remove(choice);
        abreast -= choice.lags() ? 0 : 1;
        size--;
        if (groups != null) {
            groups.closed(choice.seat);
            lookAgain(choice.firstOwed(frontier));
        }
    }

    /** All look again from a place on. */
    void lookAgain(ReadyMessages.Cursor from) {
        atEnd = false;
        frontier.back(from);
        forEach(choice -> choice.back(from, frontier));
    }

    /** One looks again from a place on. */
    void lookAgain(Choice choice, ReadyMessages.Cursor from) {
        if (!choice.lags()) {
            choice.cursor = frontier.copy();
            abreast--;
        }
        choice.back(from, frontier);
        refresh(choice);
    }

    private void forEach(Consumer<Choice> task) {
        others.forEach(task);
        keyed.values().forEach(values -> values.values().forEach(each -> each.forEach(task)));
    }

    /** Its credit changed, or what it found, or how far it has looked. */
    void refresh(Choice choice) {
        Seat seat = choice.seat;
        ConsumerRing.Level level = seat.level;
        boolean ready = seat.ready();
        boolean counts = ready && !choice.lags();
        if (counts != choice.counted) {
            choice.counted = counts;
            takers += counts ? 1 : -1;
        }
        if (level == null) {
            return;
        }
        if (ready && !choice.ready) {
            seat.rejoin(level.rank());
        }
        choice.ready = ready;
        if (ready && !choice.foundNothing()) {
            level.finders.update(seat);
        } else {
            level.finders.remove(seat);
        }
        if (!ready || !choice.lags()) {
            level.lagging.remove(choice);
        } else if (!stuck.contains(choice)) {
            level.lagging.add(choice);
        }
    }

    /** A turn begins. */
    void begin() {
        looksLeft = LOOKS_PER_TURN;
        atEnd = false;
        stuck.removeIf(this::free);
    }

    private boolean free(Choice choice) {
        Run run = choice.cursor == null ? null : choice.cursor.before();
        Page page = run == null || run.unlinked ? null : run.page;
        if (page != null && page.loading) {
            return false;
        }
        ConsumerRing.Level level = choice.seat.level;
        if (level != null && choice.seat.ready()) {
            level.lagging.add(choice);
        }
        return true;
    }

    boolean mayLook() {
        return looksLeft > 0;
    }

    /** An entry is ready again. */
    void returned(Entry entry) {
        List<Choice> asked = candidates(entry);
        for (int i = 0; i < asked.size(); i++) {
            Choice choice = asked.get(i);
            if (choice.passed(entry, frontier) && wants(choice.seat, entry)) {
                found(choice, entry);
            }
        }
    }

    /** A whole run is ready again that is paged out. */
    void returned(Run run) {
        atEnd = false;
        frontier.back(run);
        forEach(choice -> {
            if (choice.cursor != null) {
                choice.cursor.back(run);
            }
            choice.back(null, frontier);
        });
    }

    private void found(Choice choice, Entry entry) {
        boolean lagged = choice.lags();
        choice.find(entry, frontier);
        abreast -= choice.lags() && !lagged ? 1 : 0;
        refresh(choice);
    }

    private List<Choice> candidates(Entry entry) {
        if (keyed.isEmpty()) {
            return others;
        }
        candidates.clear();
        candidates.addAll(others);
        for (Map.Entry<MessageFilter.Field, Map<Object, List<Choice>>> each : keyed.entrySet()) {
            Object value = each.getKey().of(entry.message(), entry.overlay());
            List<Choice> waiting = value == null ? null : each.getValue().get(value);
            if (waiting != null) {
                candidates.addAll(waiting);
            }
        }
        return candidates;
    }

    /** Who gets the head of the line: the one that takes anything, or one that wants this and whose turn is before. */
    Seat next(Entry entry, Seat taker) {
        Seat best = taker;
        List<Choice> asked = candidates(entry);
        for (int i = 0; i < asked.size(); i++) {
            Seat seat = asked.get(i).seat;
            best = better(best, seat, entry) ? seat : best;
        }
        return best;
    }

    private boolean better(@Nullable Seat best, Seat seat, Entry entry) {
        return seat.ready() && (best == null || seat.before(best)) && wants(seat, entry);
    }

    /** Delivers one entry that was found before; false when there is none. */
    boolean serveFound(Dispatch dispatch, long nowMs, int leastPriority) {
        for (int i = 0; i < levels.size(); i++) {
            ConsumerRing.Level level = levels.get(i);
            if (level.priority() < leastPriority) {
                return false;
            }
            Seat seat = level.finders.first();
            Choice choice = seat == null ? null : seat.choice;
            if (seat != null && choice != null) {
                return serveFound(dispatch, choice, nowMs);
            }
        }
        return false;
    }

    private boolean serveFound(Dispatch dispatch, Choice choice, long nowMs) {
        Entry entry = first(choice);
        looksLeft--;
        if (entry == null) {
            refresh(choice);
        } else if (entry.expired(nowMs)) {
            entries.expired(entry);
        } else if (!lookAbove(dispatch, choice, entry.run.level + 1, nowMs)) {
            dispatch.deliver(entry, choice.seat);
        }
        return true;
    }

    private @Nullable Entry first(Choice choice) {
        boolean lagged = choice.lags();
        Entry entry = choice.first(this, frontier);
        if (choice.lags() && !lagged) {
            abreast--;
            refresh(choice);
        }
        return entry;
    }

    /** Looks at one entry of a higher level than what was found; false when there is none. */
    private boolean lookAbove(Dispatch dispatch, Choice choice, int level, long nowMs) {
        if (level >= line.levels()) {
            return false;
        }
        ReadyMessages.Cursor own = choice.cursor;
        Entry above = line.next(own == null ? frontier : own, level);
        if (above == null) {
            return false;
        }
        looksLeft--;
        if (above.expired(nowMs)) {
            entries.expired(above);
        } else if (own == null) {
            offer(dispatch, above, nowMs);
        } else if (wants(choice.seat, above)) {
            dispatch.deliver(above, choice.seat);
        }
        return true;
    }

    /** Moves the frontier by one entry; false when nobody needs that, or there is nothing ahead now. */
    boolean lookAhead(Dispatch dispatch, long nowMs) {
        if (takers == 0 || atEnd) {
            return false;
        }
        Entry entry = line.next(frontier, 0);
        if (entry == null) {
            entries.reach(frontier.before());
            atEnd = frontier.before() == null;
            return false;
        }
        looksLeft--;
        if (entry.expired(nowMs)) {
            entries.expired(entry);
        } else {
            offer(dispatch, entry, nowMs);
        }
        return true;
    }

    /** An entry at the frontier: goes to one of those that want it, or all of them remember it. */
    private void offer(Dispatch dispatch, Entry entry, long nowMs) {
        if (groups != null) {
            groups.release(entry, nowMs);
        }
        Choice best = null;
        List<Choice> asked = candidates(entry);
        for (int i = 0; i < asked.size(); i++) {
            Choice choice = asked.get(i);
            if (!choice.lags() && better(best == null ? null : best.seat, choice.seat, entry)) {
                best = choice;
            }
        }
        if (best != null && best.foundNothing()) {
            dispatch.deliver(entry, best.seat);
            return;
        }
        for (int i = 0; i < asked.size(); i++) {
            Choice choice = asked.get(i);
            if (!choice.lags() && wants(choice.seat, entry)) {
                wanting.add(choice);
            }
        }
        wanting.forEach(choice -> found(choice, entry));
        wanting.clear();
    }

    /** Has one that lags look on, up to its next delivery at most; false when none can. */
    boolean catchUp(Dispatch dispatch, long nowMs) {
        for (int i = 0; i < levels.size(); i++) {
            ConsumerRing.Level level = levels.get(i);
            if (!level.lagging.isEmpty()) {
                Choice choice = level.lagging.iterator().next();
                level.lagging.remove(choice); // to the end of those that wait for their turn
                level.lagging.add(choice);
                catchUp(dispatch, choice, level, nowMs);
                return true;
            }
        }
        return false;
    }

    private void catchUp(Dispatch dispatch, Choice choice, ConsumerRing.Level level, long nowMs) {
        ReadyMessages.Cursor cursor = choice.cursor;
        for (int i = 0; i < LOOKS_AT_ONCE && cursor != null; i++) {
            Entry entry = line.next(cursor, 0);
            looksLeft--;
            if (entry == null) {
                if (cursor.before() == null) {
                    abreast(choice, cursor);
                } else {
                    entries.reach(cursor.before());
                    level.lagging.remove(choice);
                    stuck.add(choice);
                }
                return;
            }
            if (entry.expired(nowMs)) {
                entries.expired(entry);
            } else if (wants(choice.seat, entry)) {
                dispatch.deliver(entry, choice.seat);
                return;
            }
        }
    }

    /** One that lagged has come to the end of the line. */
    private void abreast(Choice choice, ReadyMessages.Cursor end) {
        if (abreast == 0) {
            frontier = end;
        }
        abreast++;
        choice.cursor = null;
        refresh(choice);
    }

    /** Whether it has looked at everything and there is nothing for it; only at the end of a turn. */
    boolean nothingFor(Choice choice) {
        return atEnd && first(choice) == null && !choice.lags();
    }
}
