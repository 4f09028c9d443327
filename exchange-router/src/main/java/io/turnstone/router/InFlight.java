package io.turnstone.router;

import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.router.queue.MessageQueue;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of one publisher that the store has not answered, in the order they were submitted, which is the order of
 * the answers. Owned by the publisher.
 */
final class InFlight {

    private static final int FIRST_CAPACITY = 16;

    private @Nullable PublishListener[] listeners = new PublishListener[FIRST_CAPACITY];
    private Object[] reserved = new Object[FIRST_CAPACITY];
    private long[] sizes = new long[FIRST_CAPACITY];
    private int[] heapSizes = new int[FIRST_CAPACITY];
    private int head;
    private int size;

    /** A record was submitted that reserved so many bytes in these queues, and takes so many of the heap meanwhile. */
    void add(@Nullable PublishListener listener, List<MessageQueue> queues, long bytes, int heapBytes) {
        if (size == sizes.length) {
            grow();
        }
        int at = (head + size++) & (sizes.length - 1);
        listeners[at] = listener;
        reserved[at] = queues;
        sizes[at] = bytes;
        heapSizes[at] = heapBytes;
    }

    private void grow() {
        int length = sizes.length;
        listeners = rotated(listeners, Arrays.copyOf(listeners, 2 * length));
        reserved = rotated(reserved, Arrays.copyOf(reserved, 2 * length));
        var more = new long[2 * length];
        System.arraycopy(sizes, head, more, 0, length - head);
        System.arraycopy(sizes, 0, more, length - head, head);
        sizes = more;
        var moreHeap = new int[2 * length];
        System.arraycopy(heapSizes, head, moreHeap, 0, length - head);
        System.arraycopy(heapSizes, 0, moreHeap, length - head, head);
        heapSizes = moreHeap;
        head = 0;
    }

    private <T extends @Nullable Object> T[] rotated(T[] from, T[] to) {
        int length = from.length;
        System.arraycopy(from, head, to, 0, length - head);
        System.arraycopy(from, 0, to, length - head, head);
        return to;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Who waits for the oldest. */
    @Nullable
    PublishListener listener() {
        return listeners[head];
    }

    /** What the oldest takes of the heap: less than its size when its body is in a file. */
    int heapBytes() {
        return heapSizes[head];
    }

    /**
     * Gives back what the oldest had reserved.
     *
     * @param dropped whether nobody waits to hear of it
     */
    @SuppressWarnings("unchecked") // add() put it there
    void unreserve(boolean dropped) {
        for (MessageQueue queue : (List<MessageQueue>) reserved[head]) {
            queue.unadmit(sizes[head]);
            if (dropped) {
                queue.turnedAway();
            }
        }
    }

    /** Forgets the oldest. */
    void remove() {
        listeners[head] = null;
        reserved[head] = List.of();
        head = (head + 1) & (sizes.length - 1);
        size--;
    }
}
