package io.turnstone.store;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a written group changed, without its bodies: on its way from the writer, which fills it, to the checkpointer,
 * which applies it.
 */
final class Ops {

    private @Nullable Segment segment;
    private long end;
    private long[] words = new long[64];
    private int size;
    private long lastPosition;
    private boolean first;
    private final List<StoreRecord.Define> definitions = new ArrayList<>(0);

    /**
     * Tells where the group lies, once it is written.
     *
     * @param inSegment its segment
     * @param endsAt where it ends
     * @param opened whether it is the first in the segment
     */
    Ops at(Segment inSegment, long endsAt, boolean opened) {
        segment = inSegment;
        end = endsAt;
        first = opened;
        return this;
    }

    /** Whether it opened a segment. */
    boolean first() {
        return first;
    }

    long lastPosition() {
        return lastPosition;
    }

    void add(StoreRecord record, long position) {
        lastPosition = position;
        if (record instanceof StoreRecord.Enqueue enqueue) {
            var queues = enqueue.queues();
            head(JournalFormat.ENQUEUE, queues.size(), position);
            addIds(queues);
        } else if (record instanceof StoreRecord.Remove remove) {
            head(JournalFormat.REMOVE, remove.positions().length, remove.queue().id());
            room(remove.positions().length);
            System.arraycopy(remove.positions(), 0, words, size, remove.positions().length);
            size += remove.positions().length;
        } else if (record instanceof StoreRecord.Amend) {
            head(JournalFormat.AMEND, 0, 0);
        } else if (record instanceof StoreRecord.Move move) {
            head(JournalFormat.MOVE, move.targets().size(), position);
            room(2);
            words[size++] = move.source().id();
            words[size++] = move.position();
            addIds(move.targets());
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

    private void addIds(List<? extends StoredQueue> queues) {
        room(queues.size());
        for (int i = 0; i < queues.size(); i++) {
            words[size++] = queues.get(i).id();
        }
    }

    private void room(int more) {
        if (size + more > words.length) {
            words = Arrays.copyOf(words, Math.max(words.length * 2, size + more));
        }
    }

    /** Makes the changes, in log order. */
    void apply(LiveIndex index) {
        index.at(Objects.requireNonNull(segment), end);
        int definition = 0;
        for (int i = 0; i < size; ) {
            int type = (int) (words[i] & 0xFF);
            int count = (int) (words[i] >>> 8);
            long value = words[i + 1];
            i += 2;
            switch (type) {
                case JournalFormat.ENQUEUE -> {
                    for (int end = i + count; i < end; i++) {
                        index.enqueue((int) words[i], value);
                    }
                }
                case JournalFormat.REMOVE -> {
                    for (int end = i + count; i < end; i++) {
                        index.remove((int) value, words[i]);
                    }
                }
                case JournalFormat.AMEND -> index.amend();
                case JournalFormat.MOVE -> {
                    var targets = new int[count];
                    for (int t = 0; t < count; t++) {
                        targets[t] = (int) words[i + 2 + t];
                    }
                    index.move(value, (int) words[i], words[i + 1], targets);
                    i += 2 + count;
                }
                case JournalFormat.DEFINE -> {
                    var define = definitions.get(definition++);
                    index.define(define.kind(), define.name(), define.value());
                }
                case JournalFormat.DROP -> index.drop((int) value);
                default -> throw new IllegalStateException("unknown change " + type);
            }
        }
    }
}
