package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages of one loop's queues back from the store, so many bytes at a time, and makes entries of them. What cannot
 * be read is reported, and stays in the store. Owned by that loop; {@link #unreadable}: any thread.
 */
public final class EntryReader {

    private record Read(MessageQueue queue, long[] positions, long bytes, MessageStore.Loaded loaded) {}

    private static final Logger LOG = LogManager.getLogger(EntryReader.class);

    /** On their way to this loop at once, but for a single read that is larger. */
    private static final long MAX_BYTES = 8 << 20;

    /** Lines about single messages that cannot be read; the rest is a number. */
    private static final int MAX_LINES = 20;

    private final Loop loop;
    private final MessageStore store;
    private final Map<String, MessageFormat> formats;
    private final ArrayDeque<Read> waiting = new ArrayDeque<>();
    private long onTheirWay;
    private final AtomicLong unreadable = new AtomicLong();

    /** For the queues of a loop; formats by their id. */
    public EntryReader(Loop loop, MessageStore store, Map<String, MessageFormat> formats) {
        this.loop = loop;
        this.store = store;
        this.formats = formats;
    }

    /** Messages that were there and could not be read so far. */
    public long unreadable() {
        return unreadable.get();
    }

    /** Reads messages of about so many bytes, after those that were asked for before. */
    void read(MessageQueue queue, long[] positions, long bytes, MessageStore.Loaded loaded) {
        waiting.add(new Read(queue, positions, bytes, loaded));
        next();
    }

    private void next() {
        while (!waiting.isEmpty() && (onTheirWay == 0 || onTheirWay + waiting.element().bytes <= MAX_BYTES)) {
            Read read = waiting.remove();
            onTheirWay += read.bytes;
            store.read(read.queue, read.positions, loop, (messages, failure) -> loaded(read, messages, failure));
        }
    }

    private void loaded(Read read, @Nullable List<StoredMessage> messages, @Nullable StoreException failure) {
        assert loop.inLoop();
        onTheirWay -= read.bytes;
        try {
            read.loaded.loaded(messages, failure);
        } finally {
            next();
        }
    }

    /** The entry at a position of what the store gave back in ascending order; null when it is missing or unreadable. */
    @Nullable
    Entry entry(MessageQueue queue, long position, boolean seen, List<StoredMessage> found) {
        int low = 0;
        int high = found.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            StoredMessage message = found.get(middle);
            if (message.position() == position) {
                return entry(queue, message, seen);
            }
            if (message.position() < position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        unreadable(queue, position, "the store does not give it back");
        return null;
    }

    /** The entry of what the store gave back; null when it cannot be read. */
    private @Nullable Entry entry(MessageQueue queue, StoredMessage stored, boolean seen) {
        try {
            Entry entry = read(queue, stored, seen);
            if (entry == null) {
                unreadable(queue, stored.position(), "no format '" + stored.format() + "'");
            }
            return entry;
        } catch (RuntimeException e) { // whatever a format thinks of these bytes
            unreadable(queue, stored.position(), String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** Null when nobody knows its format. */
    private @Nullable Entry read(MessageQueue queue, StoredMessage stored, boolean seen) {
        MessageFormat format = formats.get(stored.format());
        if (format == null) {
            return null;
        }
        Message message = format.read(stored.body());
        return new Entry(message, OverlayCodec.decode(stored.overlay(), queue.id()), stored.position(), seen);
    }

    /**
     * When the first of so many messages arrived that the store gave back; {@link Message#NONE} when some of them are
     * missing, cannot be read or have to wait.
     */
    long arrivedAtMs(MessageQueue queue, List<StoredMessage> found, int count) {
        long first = Message.NONE;
        try {
            for (int i = found.size(); found.size() == count && i > 0; i--) {
                Entry entry = read(queue, found.get(i - 1), true);
                if (entry == null || entry.overlay().availableAtMs() > loop.now()) {
                    return Message.NONE;
                }
                first = entry.overlay().arrivedAtMs();
            }
            return first;
        } catch (RuntimeException e) { // whoever reads them for good says so
            return Message.NONE;
        }
    }

    private void unreadable(MessageQueue queue, long position, String why) {
        if (unreadable.incrementAndGet() <= MAX_LINES) {
            LOG.error("queue={} message {} cannot be read and is out of reach: {}", queue.name(), position, why);
        }
    }
}
