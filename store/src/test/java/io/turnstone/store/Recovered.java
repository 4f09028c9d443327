package io.turnstone.store;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.api.store.StoredRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** What a store told when it recovered, and what it read back then. */
public final class Recovered implements MessageStore.Recovery {

    /** One message. */
    public record Message(long position, int level, String format, String body, String overlay) {}

    /** One run. */
    public record Run(int queue, int level, StoredRun run) {}

    public final Map<String, String> definitions = new TreeMap<>();
    public final Map<Integer, List<Message>> queues = new TreeMap<>();
    public final List<Run> runs = new ArrayList<>();
    boolean clean;
    int done;
    private final MessageStore store;

    public Recovered(MessageStore store) {
        this.store = store;
    }

    public static Recovered of(MessageStore store) {
        var recovered = new Recovered(store);
        store.recover(recovered);
        if (recovered.done != 1) {
            throw new AssertionError("done was called " + recovered.done + " times");
        }
        recovered.readAll();
        return recovered;
    }

    private void readAll() {
        var loop = new TestLoop(99);
        for (var each : runs) {
            var messages = queues.computeIfAbsent(each.queue, id -> new ArrayList<>());
            for (var message : read(store, new TestQueue(each.queue, loop), loop, each.run.positions())) {
                messages.add(message(message, each.level));
            }
        }
        queues.values().removeIf(List::isEmpty);
        queues.values().forEach(messages -> messages.sort(Comparator.comparingLong(Message::position)));
    }

    /** What a store reads back. */
    public static List<StoredMessage> read(MessageStore store, TestQueue queue, TestLoop loop, long... positions) {
        var answer = new AtomicReference<Object>();
        store.read(queue, positions, loop, (messages, failure) -> answer.set(failure == null ? messages : failure));
        loop.runUntil(() -> answer.get() != null);
        if (answer.get() instanceof StoreException failure) {
            throw failure;
        }
        var found = new ArrayList<StoredMessage>();
        for (var message : (List<?>) answer.get()) {
            found.add((StoredMessage) message);
        }
        return found;
    }

    static Message message(StoredMessage message, int level) {
        var inline = (Body.Inline) message.body();
        return new Message(
                message.position(),
                level,
                message.format(),
                Records.text(inline.array(), inline.offset(), inline.size()),
                Records.text(message.overlay(), 0, message.overlay().length));
    }

    public List<Message> queue(int id) {
        return queues.getOrDefault(id, List.of());
    }

    /** All that is in some queue. */
    Set<String> bodies() {
        return queues.values().stream().flatMap(List::stream).map(Message::body).collect(Collectors.toSet());
    }

    public List<String> bodies(int id) {
        return queue(id).stream().map(Message::body).toList();
    }

    @Override
    public void definition(String kind, String name, byte[] value) {
        if (!runs.isEmpty()) {
            throw new AssertionError("definitions come first");
        }
        definitions.put(kind + "/" + name, new String(value, java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public void run(int queueId, int level, StoredRun run) {
        var last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        long[] positions = run.positions();
        if (positions.length == 0 || positions.length > StoredRun.MAX) {
            throw new AssertionError("a run of " + positions.length);
        }
        boolean sameLevel = last != null && last.queue == queueId && last.level == level;
        long before = last != null && sameLevel ? last.run.positions()[last.run.positions().length - 1] : 0;
        boolean inOrder = last == null
                || last.queue < queueId
                || (last.queue == queueId && last.level < level)
                || (sameLevel && before < positions[0]);
        if (!inOrder
                || !Arrays.equals(
                        positions, Arrays.stream(positions).sorted().distinct().toArray())) {
            throw new AssertionError("out of order: " + queueId + " " + level + " " + Arrays.toString(positions));
        }
        runs.add(new Run(queueId, level, run));
    }

    @Override
    public void done(boolean isClean) {
        clean = isClean;
        done++;
    }
}
