package io.turnstone.store.pages;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The numbers of the records that are read when the store opens, in records which the figures of the store name. Owned
 * by the checkpointer.
 */
public final class Roots {

    private static final int SLOTS = 512;
    private static final int KIND_SHIFT = 56;

    private final Pages pages;
    private final List<long[]> slots = new ArrayList<>();
    private final List<Long> recids = new ArrayList<>();
    private final BitSet changed = new BitSet();
    private final Deque<Integer> free = new ArrayDeque<>();
    private int end;

    public Roots(Pages pages) {
        this.pages = pages;
    }

    /** Takes in a record; the slot by which it is removed. */
    public int add(int kind, long recid) {
        Integer reused = free.poll();
        int slot = reused == null ? end++ : reused;
        if (slot / SLOTS == slots.size()) {
            slots.add(new long[SLOTS]);
            recids.add(0L);
        }
        set(slot, (long) kind << KIND_SHIFT | recid);
        return slot;
    }

    /** Forgets what {@link #add} noted there. */
    public void remove(int slot) {
        set(slot, 0);
        free.add(slot);
    }

    private void set(int slot, long value) {
        slots.get(slot / SLOTS)[slot % SLOTS] = value;
        changed.set(slot / SLOTS);
    }

    /** Writes the records that changed; the numbers of all of them. */
    public List<Long> write() {
        for (int i = changed.nextSetBit(0); i >= 0; i = changed.nextSetBit(i + 1)) {
            var content = ByteBuffer.allocate(SLOTS * 8);
            content.asLongBuffer().put(slots.get(i));
            if (recids.get(i) == 0) {
                recids.set(i, pages.add(Pages.ROOT, 0, 0, 0, content.array()));
            } else {
                pages.update(recids.get(i), Pages.ROOT, 0, 0, 0, content.array());
            }
        }
        changed.clear();
        return recids;
    }

    /** Receives what is found. */
    public interface Visitor {
        /** A record that is to be read. */
        void root(int kind, long recid, int slot);
    }

    /** Reads the records named by the figures of the store; false when one is damaged. */
    public boolean read(List<Long> named, Visitor visitor, Consumer<String> damage) {
        for (long recid : named) {
            var page = pages.get(recid, damage);
            if (page == null || page.kind() != Pages.ROOT) {
                return false;
            }
            var found = new long[SLOTS];
            page.content().asLongBuffer().get(found);
            recids.add(recid);
            slots.add(found);
        }
        end = slots.size() * SLOTS;
        for (int slot = 0; slot < end; slot++) {
            long value = slots.get(slot / SLOTS)[slot % SLOTS];
            if (value == 0) {
                free.add(slot);
            } else {
                visitor.root((int) (value >>> KIND_SHIFT), value & (1L << KIND_SHIFT) - 1, slot);
            }
        }
        return true;
    }
}
