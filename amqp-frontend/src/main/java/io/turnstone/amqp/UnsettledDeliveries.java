package io.turnstone.amqp;

import io.turnstone.amqp.codec.Serial;
import io.turnstone.api.Delivery;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one session that were sent and not yet settled, in the order of their delivery-ids. Owned by the
 * loop of its connection.
 */
final class UnsettledDeliveries {

    /*
     * Ids are given out in rising order, so a ring of (id, link, delivery) is sorted by construction. A settled
     * delivery leaves a gap, the gaps at the head are dropped at once, and the ring is packed when it is full and
     * half gaps: a delivery that stays unsettled for ever costs one place, not one per id since. While ids are
     * dense the place of an id is a subtraction; otherwise a binary search. A disposition of any width walks the
     * places between its ends, never the ids.
     *
     * Places are counted up for ever (long), the array index is the place modulo capacity. Visitors may add and
     * remove: packing, which moves places, is put off while somebody walks.
     */

    /** Told each delivery in a range. */
    interface Visitor {
        /** One unsettled delivery; whether it shall be forgotten. */
        boolean visit(OutgoingLink link, Delivery delivery, int deliveryId);
    }

    private static final int SMALLEST = 16;

    private int[] ids = new int[SMALLEST];
    private @Nullable OutgoingLink[] links = new @Nullable OutgoingLink[SMALLEST];
    private @Nullable Delivery[] deliveries = new @Nullable Delivery[SMALLEST];
    private long head;
    private long tail;
    private int size;
    private int walking;

    /** How many there are. */
    int size() {
        return size;
    }

    /** Places in use, gaps included. */
    int span() {
        return (int) (tail - head);
    }

    /** That id, or the last that was added if it comes later; there must be some. */
    int lastOf(int deliveryId) {
        int added = ids[at(tail - 1)];
        return Serial.before(added, deliveryId) ? added : deliveryId;
    }

    /** Adds one; its id comes after all that were added before. */
    void add(int deliveryId, OutgoingLink link, Delivery delivery) {
        assert span() == 0 || Serial.before(ids[at(tail - 1)], deliveryId);
        if (span() == ids.length) {
            if (walking == 0 && size <= ids.length / 2) {
                rebuild(ids.length);
            } else {
                rebuild(ids.length * 2);
            }
        }
        int at = at(tail++);
        ids[at] = deliveryId;
        links[at] = link;
        deliveries[at] = delivery;
        size++;
    }

    /** Shows the deliveries from {@code first} to {@code last} (serial numbers) that are here. */
    void visit(int first, int last, Visitor visitor) {
        if (size == 0 || Serial.before(last, first)) {
            return;
        }
        long place = placeOf(first);
        long end = tail;
        walking++;
        try {
            for (; place < end && !Serial.before(last, ids[at(place)]); place++) {
                visitPlace(place, visitor);
            }
        } finally {
            walking--;
            dropGaps();
        }
    }

    /** Forgets a delivery. */
    void remove(int deliveryId) {
        visit(deliveryId, deliveryId, (link, delivery, id) -> true);
    }

    /** Shows all deliveries of a link, in order; nothing may be added or removed meanwhile. */
    void forEach(OutgoingLink link, Consumer<Delivery> each) {
        for (long place = head; place < tail; place++) {
            Delivery delivery = deliveries[at(place)];
            if (delivery != null && links[at(place)] == link) {
                each.accept(delivery);
            }
        }
    }

    /** Forgets all deliveries of a link. */
    void removeAll(OutgoingLink link) {
        for (long place = head; place < tail; place++) {
            if (links[at(place)] == link) {
                clear(at(place));
            }
        }
        dropGaps();
    }

    private void visitPlace(long place, Visitor visitor) {
        int at = at(place);
        OutgoingLink link = links[at];
        Delivery delivery = deliveries[at];
        if (link == null || delivery == null) {
            return;
        }
        boolean forget = visitor.visit(link, delivery, ids[at]);
        // Arrays may have grown, and the visitor may have removed the link.
        at = at(place);
        if (forget && deliveries[at] == delivery) {
            clear(at);
        }
    }

    private void clear(int at) {
        links[at] = null;
        deliveries[at] = null;
        size--;
    }

    private void dropGaps() {
        if (walking > 0) {
            return;
        }
        if (size == 0) {
            head = tail;
            return;
        }
        while (links[at(head)] == null) {
            head++;
        }
    }

    /** The first place whose id is not before that one. */
    private long placeOf(int id) {
        int ahead = Serial.distance(ids[at(head)], id);
        if (ahead <= 0) {
            return head;
        }
        long guess = head + ahead;
        if (guess < tail && ids[at(guess)] == id) {
            return guess;
        }
        long low = head;
        long high = Math.min(tail, guess);
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (Serial.before(ids[at(middle)], id)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int at(long place) {
        return (int) place & (ids.length - 1);
    }

    /** Moves everything into new arrays; the same capacity packs, a larger one keeps the places. */
    private void rebuild(int capacity) {
        boolean pack = capacity == ids.length;
        int[] oldIds = ids;
        @Nullable OutgoingLink[] oldLinks = links;
        @Nullable Delivery[] oldDeliveries = deliveries;
        long end = tail;
        ids = new int[capacity];
        links = new @Nullable OutgoingLink[capacity];
        deliveries = new @Nullable Delivery[capacity];
        long to = head;
        for (long from = head; from < end; from++) {
            int old = (int) from & (oldIds.length - 1);
            if (!pack || oldLinks[old] != null) {
                ids[at(to)] = oldIds[old];
                links[at(to)] = oldLinks[old];
                deliveries[at(to)] = oldDeliveries[old];
                to++;
            }
        }
        tail = to;
    }
}
