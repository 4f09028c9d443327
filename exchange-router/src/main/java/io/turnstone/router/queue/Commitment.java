package io.turnstone.router.queue;

import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a committed transaction does in each queue: the payload of its record. Filled by the transaction's loop; after the
 * commit each queue's home applies its own part.
 */
public final class Commitment {

    /** In place of a step: nothing of it is in the store. */
    public static final int UNWRITTEN = -1;

    private record Arrival(Message message, Overlay overlay, int step, boolean reserved) {}

    private static final class Part {
        final List<Arrival> arrivals = new ArrayList<>();

        @Nullable
        Retirements retirements;
    }

    private final Map<MessageQueue, Part> parts = new LinkedHashMap<>();
    private final List<StoreRecord.Change> changes = new ArrayList<>();
    private int steps;

    /**
     * One more change that is written.
     *
     * @return which of those with a position it is
     */
    public int add(StoreRecord.Change change) {
        changes.add(change);
        return change.positioned() ? steps++ : UNWRITTEN;
    }

    /**
     * A message enters a queue in which room was reserved for it.
     *
     * @param step of the change that says so in the store, or {@link #UNWRITTEN}
     */
    public void enter(MessageQueue queue, Message message, Overlay overlay, int step, boolean reserved) {
        part(queue).arrivals.add(new Arrival(message, overlay, step, reserved));
    }

    /** A dead message enters its dead-letter queues; those of them that do not pass through the store get it later. */
    void bury(Burial burial, int step) {
        for (MessageQueue target : burial.stored()) {
            enter(target, burial.entry.message(), burial.died(), step, false);
        }
    }

    /** Entries of a queue are settled; its home has prepared them. */
    public void retire(MessageQueue queue, Retirements retirements) {
        part(queue).retirements = retirements;
        retirements.describe(this);
    }

    private Part part(MessageQueue queue) {
        return parts.computeIfAbsent(queue, q -> new Part());
    }

    /** All of it. */
    public StoreRecord.Commit record() {
        return new StoreRecord.Commit(List.copyOf(parts.keySet()), List.copyOf(changes), this);
    }

    /** It is committed: does what concerns one queue, on its home loop. */
    void apply(MessageQueue queue, long first) {
        Part part = parts.get(queue);
        if (part == null) {
            return;
        }
        for (Arrival each : part.arrivals) {
            boolean unwritten = first == MessageStore.UNWRITTEN || each.step == UNWRITTEN;
            long position = unwritten ? MessageStore.UNWRITTEN : first + each.step;
            if (unwritten) {
                each.message.body().hold();
            }
            queue.enter(each.message, queue.withTtl(each.overlay), position, each.reserved);
        }
        Retirements retirements = part.retirements;
        if (retirements != null && !queue.deleted()) {
            retirements.applied();
            queue.wake();
        }
    }
}
