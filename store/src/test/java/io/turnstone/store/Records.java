package io.turnstone.store;

import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Short ways to make records. */
public final class Records {

    private Records() {}

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }

    public static StoreRecord.Enqueue enqueue(String body, String overlay, StoredQueue... queues) {
        return enqueue(body, overlay, Marks.lasting(4), queues);
    }

    public static StoreRecord.Enqueue enqueue(String body, String overlay, Marks marks, StoredQueue... queues) {
        return new StoreRecord.Enqueue(
                List.of(queues), "test-format", Body.Inline.of(bytes(body)), bytes(overlay), marks, true, body);
    }

    static StoreRecord.Enqueue unwritten(String body, StoredQueue... queues) {
        return new StoreRecord.Enqueue(
                List.of(queues),
                "test-format",
                Body.Inline.of(bytes(body)),
                new byte[0],
                Marks.lasting(4),
                false,
                body);
    }

    static StoreRecord.Pending pending(String body, String overlay) {
        return new StoreRecord.Pending("test-format", Body.Inline.of(bytes(body)), bytes(overlay));
    }

    static StoreRecord.Enter enter(long pending, Marks marks, StoredQueue... queues) {
        return new StoreRecord.Enter(pending, List.of(queues), marks);
    }

    /**
     * All of these together.
     *
     * @param bodies of the messages that enter, by the positions at which they wait
     */
    static StoreRecord.Commit commit(List<StoreRecord.Change> changes, Map<Long, StoreRecord.Pending> bodies) {
        var queues = new LinkedHashSet<StoredQueue>();
        for (var change : changes) {
            if (change instanceof StoreRecord.Enter enter) {
                queues.addAll(enter.queues());
            } else {
                queues.addAll(((StoreRecord) change).queues());
            }
        }
        return new StoreRecord.Commit(List.copyOf(queues), List.copyOf(changes), bodies);
    }

    public static StoreRecord.Remove remove(StoredQueue queue, long... positions) {
        return new StoreRecord.Remove(queue, positions, "");
    }

    public static StoreRecord.Amend amend(StoredQueue queue, long position, String overlay) {
        return new StoreRecord.Amend(queue, position, bytes(overlay), "");
    }

    public static StoreRecord.Move move(StoredQueue source, long position, String overlay, StoredQueue... targets) {
        return move(source, position, overlay, Marks.lasting(4), targets);
    }

    public static StoreRecord.Move move(
            StoredQueue source, long position, String overlay, Marks marks, StoredQueue... targets) {
        return new StoreRecord.Move(source, position, List.of(targets), bytes(overlay), marks, "");
    }
}
