package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.Serial;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.transport.DeliveryState;

/**
 * Collects the ids of deliveries that ended alike within one turn, and writes them as few ranges. Owned by the loop of its connection.
 */
final class Dispositions {

    private static final int FIRST = 16;
    private static final int KEPT = 4_096;

    private final boolean receiver;
    private final boolean settled;
    private final DeliveryState state;
    private int[] ids = {};
    private int size;
    private boolean sorted = true;

    private Dispositions(boolean receiver, boolean settled, DeliveryState state) {
        this.receiver = receiver;
        this.settled = settled;
        this.state = state;
    }

    /** Of deliveries that we settle, as their receiver or as their sender. */
    static Dispositions settled(boolean receiver, DeliveryState state) {
        return new Dispositions(receiver, true, state);
    }

    /** Of deliveries that their senders are to settle. */
    static Dispositions unsettled(DeliveryState state) {
        return new Dispositions(true, false, state);
    }

    /** Adds one delivery; each id at most once. */
    void add(int deliveryId) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.max(FIRST, 2 * size));
        }
        if (size > 0 && Serial.before(deliveryId, ids[size - 1])) {
            sorted = false;
        }
        ids[size++] = deliveryId;
    }

    /** Writes what was collected. */
    void flush(int channel, FrameWriter out) {
        if (size == 0) {
            return;
        }
        if (!sorted) {
            sort();
        }
        int first = ids[0];
        int last = first;
        for (int i = 1; i < size; i++) {
            if (ids[i] != last + 1) {
                out.disposition(channel, receiver, first, last, settled, state);
                first = ids[i];
            }
            last = ids[i];
        }
        out.disposition(channel, receiver, first, last, settled, state);
        size = 0;
        sorted = true;
        if (ids.length > KEPT) {
            ids = new int[KEPT];
        }
    }

    /** Serial order is the order of the distances to any of them, since all lie within half of the number circle. */
    private void sort() {
        int origin = ids[0];
        for (int i = 0; i < size; i++) {
            ids[i] -= origin;
        }
        Arrays.sort(ids, 0, size);
        for (int i = 0; i < size; i++) {
            ids[i] += origin;
        }
    }
}
