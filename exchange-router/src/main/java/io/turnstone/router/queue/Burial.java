package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One dead entry on its way to its dead-letter queues; the payload of the record that moves it. Its fields are set by the
 * source's home loop before the record is submitted; the targets' loops read them after the commit.
 */
final class Burial implements Decision, MessageStore.Committed {

    final Entry entry;
    final DeathReason reason;

    private final DeadLettering deadLettering;
    private final @Nullable String error;
    private final @Nullable Seat tell;
    private final @Nullable Outcome outcome;
    private @Nullable Overlay died;
    private List<MessageQueue> stored = List.of();
    private List<MessageQueue> unstored = List.of();

    Burial(
            DeadLettering deadLettering,
            Entry entry,
            DeathReason reason,
            @Nullable String error,
            @Nullable Seat tell,
            @Nullable Outcome outcome) {
        this.deadLettering = deadLettering;
        this.entry = entry;
        this.reason = reason;
        this.error = error;
        this.tell = tell;
        this.outcome = outcome;
    }

    @Nullable
    String error() {
        return error;
    }

    @Nullable
    Seat tell() {
        return tell;
    }

    @Nullable
    Outcome outcome() {
        return outcome;
    }

    /** Decides what it looks like in its targets, and which of these pass through the store with it. */
    void prepare(Overlay overlay, List<MessageQueue> throughStore, List<MessageQueue> withoutStore) {
        died = overlay;
        stored = throughStore;
        unstored = withoutStore;
    }

    /** Whether its only dead-letter queue is its own: it starts anew at the end of the line. */
    boolean recycled() {
        return stored.isEmpty() && unstored.isEmpty();
    }

    /** What the store is told of it; null when it does not know the message. */
    StoreRecord.@Nullable Change change() {
        if (!entry.stored()) {
            return null;
        }
        MessageQueue source = deadLettering.queue();
        if (recycled()) {
            return new StoreRecord.Amend(source, entry.position, OverlayCodec.encode(died()), this);
        }
        if (stored.isEmpty()) {
            return new StoreRecord.Remove(source, new long[] {entry.position}, this);
        }
        byte[] overlay = OverlayCodec.encode(died(), stored);
        var marks = OverlayCodec.marks(entry.message(), died(), stored);
        return new StoreRecord.Move(source, entry.position, stored, overlay, marks, this);
    }

    /** The overlay it has in its targets. */
    Overlay died() {
        Overlay overlay = died;
        if (overlay == null) {
            throw new IllegalStateException("a dead message is moved before its overlay is known");
        }
        return overlay;
    }

    List<MessageQueue> stored() {
        return stored;
    }

    List<MessageQueue> unstored() {
        return unstored;
    }

    @Override
    public void applied() {
        deadLettering.applied(this);
    }

    @Override
    public void committed(long position, @Nullable StoreException failure) {
        if (failure != null) {
            deadLettering.hold(this);
        }
    }
}
