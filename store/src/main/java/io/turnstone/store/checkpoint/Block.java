package io.turnstone.store.checkpoint;

import io.turnstone.api.Message;
import io.turnstone.store.journal.Fields;
import io.turnstone.store.journal.Targets;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where in MapDB up to 64 messages of one level of a queue are, how large they are, and which of them still live. Owned
 * by the checkpointer.
 */
public final class Block {

    /*
     * There is one of these for every 48 KiB of backlog, so it must be small. Messages of one publisher follow each
     * other without a gap and often have one size: then neither array is there. Else a distance takes a byte or two.
     */
    static final int MAX_ENTRIES = 64;

    final int queue;
    final int level;
    final long first;
    final long last;

    /** None of its messages expires before, or {@link Message#NONE}. */
    final long expiresAtMs;

    /** Whether bodies of it are records of their own. */
    final boolean external;

    /** Whether bodies of it are in files. */
    final boolean spooled;

    private final byte count;
    private final byte @Nullable [] distances;
    private final byte @Nullable [] sizes;
    private final int firstSize;

    /** Its record in the generation of MapDB's file that is in use. */
    public long recid;

    /** Bit i is entry i: what lives now. */
    long alive;

    /** What MapDB says lives. */
    public long stored;

    /** Where in the directory it stands. */
    Directory.@Nullable Sheet sheet;

    /** Whether the checkpointer has it on its list of changed blocks. */
    boolean changed;

    /** What is known of the messages of a block before it is one. */
    static final class Draft {
        final long[] positions;
        final int[] sizes;
        int count;
        private long expiresAtMs = Message.NONE;
        private boolean external;
        boolean spooled;

        /** Of at most so many messages. */
        Draft(int capacity) {
            positions = new long[capacity];
            sizes = new int[capacity];
        }

        /** In ascending order of positions. */
        void add(long position, int bodyBytes, long expires, boolean bodyElsewhere) {
            positions[count] = position;
            sizes[count++] = bodyBytes;
            expiresAtMs = Targets.earlier(expiresAtMs, expires);
            external |= bodyElsewhere;
        }
    }

    Block(int queue, int level, long recid, Draft draft) {
        this.queue = queue;
        this.level = level;
        this.recid = recid;
        count = (byte) draft.count;
        external = draft.external;
        spooled = draft.spooled;
        expiresAtMs = draft.expiresAtMs;
        first = draft.positions[0];
        last = draft.positions[count - 1];
        firstSize = draft.sizes[0];
        alive = stored = count == MAX_ENTRIES ? -1L : (1L << count) - 1;
        distances = last - first == count - 1 ? null : distances(draft);
        sizes = alike(draft) ? null : sizes(draft);
    }

    private static boolean alike(Draft draft) {
        for (int i = 1; i < draft.count; i++) {
            if (draft.sizes[i] != draft.sizes[0]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] distances(Draft draft) {
        var bytes = ByteBuffer.allocate(10 * draft.count);
        for (int i = 1; i < draft.count; i++) {
            Fields.putVar(bytes, draft.positions[i] - draft.positions[i - 1]);
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static byte[] sizes(Draft draft) {
        var bytes = ByteBuffer.allocate(5 * draft.count);
        for (int i = 0; i < draft.count; i++) {
            Fields.putVar(bytes, draft.sizes[i]);
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    int count() {
        return count;
    }

    /** Whether its positions do not just follow each other. */
    boolean gaps() {
        return distances != null;
    }

    /** Whether its bodies differ in size. */
    boolean sizes() {
        return sizes != null;
    }

    /** At most so many bytes takes what {@link #putShape} writes. */
    int shapeBytes() {
        return (distances == null ? 0 : distances.length) + (sizes == null ? 5 : sizes.length);
    }

    /** Writes the distances if there are gaps, then one size or all of them. */
    void putShape(ByteBuffer target) {
        if (distances != null) {
            target.put(distances);
        }
        if (sizes == null) {
            Fields.putVar(target, firstSize);
        } else {
            target.put(sizes);
        }
    }

    /** The number of a position in the block, or -1. */
    int indexOf(long position) {
        if (position < first || position > last) {
            return -1;
        }
        if (distances == null) {
            return (int) (position - first);
        }
        var bytes = ByteBuffer.wrap(distances);
        long at = first;
        for (int i = 0; ; i++) {
            if (at >= position) {
                return at == position ? i : -1;
            }
            at += Fields.var(bytes);
        }
    }

    /** Fills in all positions and the sizes of the bodies; both arrays have room for them. */
    void unpack(long[] positions, int[] bodyBytes) {
        var distance = distances == null ? null : ByteBuffer.wrap(distances);
        var size = sizes == null ? null : ByteBuffer.wrap(sizes);
        for (int i = 0; i < count; i++) {
            positions[i] = i == 0 ? first : positions[i - 1] + (distance == null ? 1 : Fields.var(distance));
            bodyBytes[i] = size == null ? firstSize : (int) Fields.var(size);
        }
    }

    /** Size of one body in bytes. */
    int size(int index) {
        if (sizes == null) {
            return firstSize;
        }
        var bytes = ByteBuffer.wrap(sizes);
        for (int i = 0; i < index; i++) {
            Fields.var(bytes);
        }
        return (int) Fields.var(bytes);
    }

    boolean alive(int index) {
        return (alive & 1L << index) != 0;
    }

    boolean overlaps(Block other) {
        return first <= other.last && other.first <= last;
    }
}
