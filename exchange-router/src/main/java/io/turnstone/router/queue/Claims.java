package io.turnstone.router.queue;

import io.turnstone.api.Delivery;
import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.api.store.StoredRun;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one queue to which consumers have a claim that outlives the broker: those of the last run, which are kept
 * for them, and those of this one, whose claims end in the store when the messages have left or returned. Owned by the
 * queue's home loop; {@link #recovered} and {@link #recover} by the starting thread before.
 */
final class Claims {

    private static final int RECORDS_AT_ONCE = 1_000;

    private final MessageQueue queue;
    private final Recovery recovery;
    private final Loop loop;
    private final MessageStore store;
    private final EntryReader reader;

    /** Of the last run: whose each message is, as long as it is not found. */
    private Map<Long, String> sought = new HashMap<>();

    /** The claims among them of exclusive consumers. */
    private Set<String> alone = new HashSet<>();

    private final Map<String, Withheld> withheld = new HashMap<>();

    /** Of them, those that may have groups nobody knows yet. */
    private final ArrayDeque<Withheld> unread = new ArrayDeque<>();

    private final HeldLimit most;

    /** Messages whose claims may stand in the store. */
    private final Set<Long> recorded = new HashSet<>();

    /** Of which they are to end there. */
    private final List<StoreRecord.Define> ended = new ArrayList<>();

    Claims(MessageQueue queue, Recovery recovery, QueueHome home) {
        this.queue = queue;
        this.recovery = recovery;
        loop = home.loop();
        store = home.store();
        reader = home.reader();
        most = home.held();
    }

    // ---- From the last run

    /** Somebody held a message. */
    void recovered(ClaimRecord record) {
        sought.put(record.position(), record.claim().name());
        if (record.alone()) {
            alone.add(record.claim().name());
        }
    }

    /** Divides messages that were there into what is for all and what is kept for those who held it. */
    void recover(int level, StoredRun run) {
        long[] positions = run.positions();
        long each = run.bytes() / positions.length;
        long rest = run.bytes() - each * positions.length;
        for (int from = 0, to; from < positions.length; from = to) {
            String claim = sought.remove(positions[from]);
            for (to = from + 1; to < positions.length && Objects.equals(claim, sought.get(positions[to])); to++) {
                sought.remove(positions[to]);
            }
            var part = new StoredRun(
                    Arrays.copyOfRange(positions, from, to),
                    each * (to - from) + (from == 0 ? rest : 0),
                    run.expiresAtMs());
            if (claim == null) {
                recovery.recover(level, part);
            } else {
                withhold(level, part, withheld.computeIfAbsent(claim, name -> new Withheld(alone.contains(name))));
            }
        }
    }

    private void withhold(int level, StoredRun part, Withheld under) {
        for (long position : part.positions()) {
            recorded.add(position);
        }
        under.add(recovery.withhold(level, part));
    }

    /** All messages of the queue were told: what was not among them is gone, and what is too much for a claim returns. */
    void start() {
        sought.keySet().forEach(this::end);
        sought = Map.of();
        alone = Set.of();
        withheld.values()
                .forEach(each -> each.trim(most.messages(), most.bytes()).forEach(this::giveBack));
        withheld.values().removeIf(each -> each.pieces().isEmpty());
        if (queue.spec().groups() != null) {
            unread.addAll(withheld.values());
        }
    }

    /** Whether anything is. */
    boolean keeps() {
        return !withheld.isEmpty();
    }

    /** Whether anything is for a consumer that wants no other beside it. */
    boolean keepsAlone() {
        return withheld.values().stream().anyMatch(kept -> kept.alone);
    }

    /** Takes out what is kept under a claim; null when there is nothing. */
    @Nullable
    Withheld take(String claim) {
        Withheld kept = withheld.remove(claim);
        if (kept != null) {
            kept.gone = true;
        }
        return kept;
    }

    /** Puts it back: its consumer could not open. */
    void putBack(String claim, Withheld kept) {
        kept.gone = false;
        withheld.put(claim, kept);
        if (queue.spec().groups() != null && !kept.known()) {
            unread.add(kept);
        }
    }

    /** The next of which nobody knows the groups; null when there is none. */
    @Nullable
    Withheld unread() {
        Withheld next = unread.poll();
        while (next != null && (next.gone || next.known())) {
            next = unread.poll();
        }
        return next;
    }

    /** It could not be read. */
    void unread(Withheld again) {
        unread.add(again);
    }

    /** The groups of what is kept for somebody wait from now on. */
    void learn(Withheld kept, List<StoredMessage> found, Groups groups) {
        if (kept.gone) {
            return; // renounced while it was read
        }
        var waiting = new ArrayList<Group>();
        for (Withheld.Piece piece : kept.pieces()) {
            for (long position : piece.positions()) {
                Entry read = reader.entry(queue, position, true, found);
                Group group = read == null ? null : groups.keeps(read);
                if (group != null) {
                    waiting.add(group);
                }
            }
        }
        kept.blocks(waiting);
    }

    /** Reads it; null is told when that cannot be done now. */
    void read(Withheld kept, Consumer<@Nullable List<StoredMessage>> then) {
        kept.read(queue, reader, then);
    }

    /** A consumer with its claim is there: holds again what was found of it. */
    List<Delivery> give(Withheld kept, List<StoredMessage> found, Seat seat, Choosers choosers) {
        var all = new ArrayList<Entry>();
        for (Withheld.Piece piece : kept.pieces()) {
            var read = new Entry[Run.SIZE];
            for (int i = 0; i < piece.positions().length; i++) {
                read[i] = reader.entry(queue, piece.positions()[i], true, found);
                if (read[i] == null) {
                    end(piece.positions()[i]);
                } else {
                    all.add(read[i]);
                }
            }
            recovery.claim(piece, read);
        }
        all.sort(Comparator.comparingLong(entry -> entry.position));
        for (Entry entry : all) {
            choosers.delivers(entry, seat);
            seat.hold(entry);
        }
        kept.end();
        return List.copyOf(all);
    }

    /** Nobody will come back for it. */
    void renounce(String claim) {
        Withheld kept = withheld.remove(claim);
        if (kept != null) {
            kept.gone = true;
            kept.pieces().forEach(this::giveBack);
            kept.end();
            queue.wake();
        }
    }

    private void giveBack(Withheld.Piece piece) {
        for (long position : piece.positions()) {
            end(position);
        }
        recovery.giveBack(piece);
    }

    // ---- Of this run

    /** A consumer that claims what it gets has this entry now. */
    void held(Entry entry) {
        if (entry.stored()) {
            recorded.add(entry.position);
        }
    }

    /** An entry is gone, or nobody's again. */
    void left(Entry entry) {
        if (recorded.contains(entry.position)) {
            end(entry.position);
        }
    }

    private void end(long position) {
        recorded.remove(position);
        ended.add(ClaimRecord.gone(queue.id(), position));
    }

    /** The end of a turn: what became of these messages stands in the store already, or is on its way before this. */
    void submit() {
        for (int from = 0; from < ended.size(); from += RECORDS_AT_ONCE) {
            var some = List.copyOf(ended.subList(from, Math.min(ended.size(), from + RECORDS_AT_ONCE)));
            store.submit(some.size() == 1 ? some.get(0) : new StoreRecord.Commit(List.of(), some, this), loop, null);
        }
        ended.clear();
    }

    /** The queue is deleted. */
    void forget() {
        List.copyOf(recorded).forEach(this::end);
        withheld.clear();
        submit();
    }
}
