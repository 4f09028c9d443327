package io.turnstone.amqp;

import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Messages in a list, given to the first consumer that wants one. */
final class MemoryQueue {

    /** One message in it; equal only to itself. */
    static final class Entry implements Delivery {
        private final Message message;
        private final long position;

        Entry(Message message, long position) {
            this.message = message;
            this.position = position;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public Message message() {
            return message;
        }

        @Override
        public Overlay overlay() {
            return Overlay.arrival("", "", 0, Message.NONE);
        }

        @Override
        public boolean firstAcquirer() {
            return true;
        }
    }

    final String name;
    /** Whether what a consumer releases is there to be delivered again; for consumers that open later. */
    boolean returnsReleased;

    private long lastPosition = 1000;

    final ArrayDeque<Entry> entries = new ArrayDeque<>();
    final List<MemoryConsumer> consumers = new ArrayList<>();

    MemoryQueue(String name) {
        this.name = name;
    }

    void add(Message message) {
        entries.add(new Entry(message, ++lastPosition));
        dispatch();
    }

    void giveBack(List<Entry> unsettled) {
        for (int i = unsettled.size() - 1; i >= 0; i--) {
            entries.addFirst(unsettled.get(i));
        }
        dispatch();
    }

    void dispatch() {
        for (MemoryConsumer consumer : List.copyOf(consumers)) {
            while (!entries.isEmpty() && consumer.wants()) {
                consumer.take(entries.remove());
            }
        }
    }
}
