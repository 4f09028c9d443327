package io.turnstone.router.queue;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one queue holds under one claim of the last run: in the store alone, and kept from everybody until it is claimed again
 * or renounced. Owned by the queue's home loop.
 */
final class Withheld {

    private static final long MAX_BYTES = 2 << 20;

    /**
     * Neighbours.
     *
     * @param positions ascending
     * @param bytes about, of all of them
     * @param atMs nothing happens to them by time alone before
     * @param run their place in line, which they have all to themselves; null when they had none as they were delayed
     */
    record Piece(
            long[] positions,
            long bytes,
            long atMs,
            @Nullable Run run) {}

    private final List<Piece> pieces = new ArrayList<>();

    /** Of which groups its messages are that have one, each as often as it has messages; null until they were read. */
    private @Nullable List<Group> waiting;

    /** Whether its consumer wants no other beside it. */
    final boolean alone;

    /** Whether its consumer is back, or never will be. */
    boolean gone;

    Withheld(boolean alone) {
        this.alone = alone;
    }

    void add(Piece piece) {
        pieces.add(piece);
    }

    List<Piece> pieces() {
        return pieces;
    }

    /** Whether it is known which groups wait for it. */
    boolean known() {
        return waiting != null;
    }

    /** They do from now on. */
    void blocks(List<Group> groups) {
        waiting = groups;
    }

    /** It is not kept any more, and no group waits for it. */
    void end() {
        pieces.clear();
        if (waiting != null) {
            waiting.forEach(Group::keepsNot);
            waiting = null;
        }
    }

    /**
     * Takes away the youngest of what is more than a suspended link holds: not all of it need be on the heap at once.
     *
     * @return what was taken away
     */
    List<Piece> trim(int maxMessages, long maxBytes) {
        int messages = 0;
        long bytes = 0;
        int kept = 0;
        for (Piece piece : pieces) {
            messages += piece.positions.length;
            bytes += piece.bytes;
            if (messages > maxMessages || bytes > maxBytes) {
                break;
            }
            kept++;
        }
        List<Piece> rest = pieces.subList(kept, pieces.size());
        var away = List.copyOf(rest);
        rest.clear();
        return away;
    }

    /** Reads all of it, some at a time; {@code then} gets it in ascending order, or null when the store cannot read. */
    void read(MessageQueue queue, EntryReader reader, Consumer<@Nullable List<StoredMessage>> then) {
        long[] positions = pieces.stream()
                .flatMapToLong(piece -> Arrays.stream(piece.positions))
                .sorted()
                .toArray();
        long bytes = pieces.stream().mapToLong(Piece::bytes).sum();
        new Reading(queue, reader, positions, bytes / Math.max(1, positions.length), then).next();
    }

    private static final class Reading implements MessageStore.Loaded {
        private final MessageQueue queue;
        private final EntryReader reader;
        private final long[] positions;
        private final long each;
        private final Consumer<@Nullable List<StoredMessage>> then;
        private final List<StoredMessage> found = new ArrayList<>();
        private int at;

        Reading(
                MessageQueue queue,
                EntryReader reader,
                long[] positions,
                long each,
                Consumer<@Nullable List<StoredMessage>> then) {
            this.queue = queue;
            this.reader = reader;
            this.positions = positions;
            this.each = each;
            this.then = then;
        }

        void next() {
            if (at == positions.length) {
                then.accept(found);
                return;
            }
            long room = Math.max(1, Math.min(MessageStore.MAX_READ, MAX_BYTES / Math.max(1, each)));
            int to = (int) Math.min(positions.length, at + room);
            long[] some = Arrays.copyOfRange(positions, at, to);
            at = to;
            reader.read(queue, some, some.length * each, this);
        }

        @Override
        public void loaded(@Nullable List<StoredMessage> messages, @Nullable StoreException failure) {
            if (messages == null) {
                then.accept(null);
            } else {
                found.addAll(messages);
                next();
            }
        }
    }
}
