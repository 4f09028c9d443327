package io.turnstone.store.journal;

import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.spool.SpoolUse;
import io.turnstone.store.spool.SpooledFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a written group changed, without its bodies, and where its records are: on its way from the writer, which fills
 * it, to the checkpointer, which applies it.
 */
public final class Ops {

    /** Beside the types of records: an enqueue whose body is in a file. */
    private static final int SPOOLED = 0xFF;

    /** Beside the types of records: the message before it has keys. */
    private static final int KEYED = 0xFE;

    private @Nullable Segment segment;
    private long start;
    private long end;
    private long[] words = new long[64];
    private int size;
    private long lastPosition;
    private boolean first;
    private final List<StoreRecord.Define> definitions = new ArrayList<>(0);
    private final List<SpoolUse> spooled = new ArrayList<>(0);

    /** Wanted by {@link RecordOffsets}: where they begin, counted from the start of what was written. */
    private int[] sampled = new int[4];

    private int samples;
    private long lastSampled;

    /**
     * Tells where the group lies, once it is written.
     *
     * @param inSegment its segment
     * @param startsAt where the write begins, and with it the count of places
     * @param endsAt where it ends
     */
    Ops at(Segment inSegment, long startsAt, long endsAt) {
        segment = inSegment;
        start = startsAt;
        end = endsAt;
        first = startsAt == 0;
        spooled.forEach(SpoolUse::named); // until it is applied; by then the message may be garbage
        return this;
    }

    /** Whether it opened a segment. */
    public boolean first() {
        return first;
    }

    /** How much was written. */
    public long bytes() {
        return end - start;
    }

    /** Whether it changed nothing. */
    public boolean nothing() {
        return size == 0;
    }

    long lastPosition() {
        return lastPosition;
    }

    /** @param place where the record begins, counted from the start of what will be written */
    void add(StoreRecord record, long position, int place) {
        lastPosition = position;
        if (record instanceof StoreRecord.Commit commit) {
            add(commit, position, place);
            return;
        }
        sample(position, place);
        add(record, position);
    }

    private void sample(long position, int place) {
        if (RecordOffsets.wanted(position)) {
            if (samples == sampled.length) {
                sampled = Arrays.copyOf(sampled, samples * 4);
            }
            sampled[samples++] = place;
            lastSampled = position;
        }
    }

    /** All positions of a commit are where its record is. */
    private void add(StoreRecord.Commit commit, long last, int place) {
        long next = JournalFormat.firstOfCommit(last, commit.span());
        for (long each = next; each <= last; each++) {
            sample(each, place);
        }
        for (int i = 0; i < commit.changes().size(); i++) {
            var change = commit.changes().get(i);
            if (change instanceof StoreRecord.Enter enter) {
                head(JournalFormat.ENTER, enter.queues().size(), next);
                room(2);
                words[size++] = enter.pending();
                words[size++] = enter.marks().expiresAtMs();
                addTargets(enter.queues(), enter.marks());
                addKeyed(enter.marks());
            } else {
                add((StoreRecord) change, next);
            }
            next += change.positioned() ? 1 : 0;
        }
    }

    private void add(StoreRecord record, long position) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            var queues = enqueue.queues();
            if (enqueue.body() instanceof Body.Spooled body && body.file() instanceof SpooledFile file) {
                spooled.add(file.use());
                head(SPOOLED, queues.size(), position);
            } else {
                head(JournalFormat.ENQUEUE, queues.size(), position);
            }
            addTargets(queues, enqueue.marks());
            addKeyed(enqueue.marks());
        } else if (record instanceof StoreRecord.Remove remove && remove.positions().length > 0) {
            head(JournalFormat.REMOVE, remove.positions().length, remove.queue().id());
            room(remove.positions().length);
            System.arraycopy(remove.positions(), 0, words, size, remove.positions().length);
            size += remove.positions().length;
        } else if (record instanceof StoreRecord.Amend amend) {
            head(JournalFormat.AMEND, 0, position);
            room(2);
            words[size++] = amend.queue().id();
            words[size++] = amend.position();
        } else if (record instanceof StoreRecord.Move move) {
            head(JournalFormat.MOVE, move.targets().size(), position);
            room(3);
            words[size++] = move.source().id();
            words[size++] = move.position();
            words[size++] = move.marks().expiresAtMs();
            addTargets(move.targets(), move.marks());
        } else if (record instanceof StoreRecord.Define define) {
            head(JournalFormat.DEFINE, 0, 0);
            definitions.add(define);
        } else if (record instanceof StoreRecord.Drop drop) {
            head(JournalFormat.DROP, 0, drop.queue().id());
        }
    }

    private void head(int type, int count, long value) {
        room(2);
        words[size++] = (long) count << 8 | type;
        words[size++] = value;
    }

    private void addTargets(List<? extends StoredQueue> queues, Marks marks) {
        room(queues.size());
        for (int i = 0; i < queues.size(); i++) {
            var queue = queues.get(i);
            words[size++] = (long) marks.level(queue.levels()) << 32 | queue.id();
        }
    }

    private void addKeyed(Marks marks) {
        if (!marks.keys().isEmpty()) {
            head(KEYED, 0, 0);
        }
    }

    private void room(int more) {
        if (size + more > words.length) {
            words = Arrays.copyOf(words, Math.max(words.length * 2, size + more));
        }
    }

    /** Makes the changes, in log order. */
    public void apply(JournalFollower follower) {
        var in = Objects.requireNonNull(segment);
        follower.at(in, end);
        for (int i = 0; i < samples; i++) {
            in.offsets.put(lastSampled - (long) RecordOffsets.EVERY * (samples - 1 - i), start + sampled[i]);
        }
        int definition = 0;
        int file = 0;
        for (int i = 0; i < size; ) {
            int type = (int) (words[i] & 0xFF);
            int count = (int) (words[i] >>> 8);
            long value = words[i + 1];
            i += 2;
            switch (type) {
                case JournalFormat.ENQUEUE -> {
                    for (int last = i + count; i < last; i++) {
                        follower.enqueue((int) words[i], (int) (words[i] >>> 32), value);
                    }
                }
                case SPOOLED -> {
                    var use = spooled.get(file++);
                    for (int last = i + count; i < last; i++) {
                        follower.enqueueSpooled((int) words[i], (int) (words[i] >>> 32), value, use);
                    }
                    use.unnamed();
                }
                case KEYED -> follower.keyed();
                case JournalFormat.REMOVE -> {
                    for (int last = i + count; i < last; i++) {
                        follower.remove((int) value, words[i]);
                    }
                }
                case JournalFormat.AMEND -> {
                    follower.amend(value, (int) words[i], words[i + 1]);
                    i += 2;
                }
                case JournalFormat.MOVE -> {
                    follower.moved(value, (int) words[i], words[i + 1], targets(i + 3, count, words[i + 2]));
                    i += 3 + count;
                }
                case JournalFormat.ENTER -> {
                    follower.entered(value, words[i], targets(i + 2, count, words[i + 1]));
                    i += 2 + count;
                }
                case JournalFormat.DEFINE -> {
                    var define = definitions.get(definition++);
                    follower.define(define.kind(), define.name(), define.value());
                }
                case JournalFormat.DROP -> follower.drop((int) value);
                default -> throw new IllegalStateException("unknown change " + type);
            }
        }
        follower.through(lastPosition);
    }

    private Targets targets(int from, int count, long expiresAtMs) {
        var queues = new int[count];
        var levels = new int[count];
        for (int i = 0; i < count; i++) {
            queues[i] = (int) words[from + i];
            levels[i] = (int) (words[from + i] >>> 32);
        }
        return new Targets(queues, levels, expiresAtMs, List.of());
    }
}
