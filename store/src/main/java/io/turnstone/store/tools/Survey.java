package io.turnstone.store.tools;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.api.store.StoredRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what a store holds, and hands all of it on if that is wanted. Owned by one thread. */
final class Survey implements Recovery {

    private static final class Counted {
        long messages;
        long bytes;
        long first = Long.MAX_VALUE;
        long last;
        long inJournal;
        long unreadable;
        long keys;
    }

    private final StoreView view;
    private final QueueDefinitions definitions;
    private final DamageList damage;
    private final @Nullable StoreSink sink;
    private final ToolProgress progress;
    private final Map<Integer, String> names = new HashMap<>();
    private final Map<Integer, Counted> counted = new TreeMap<>();
    private final Map<Long, Boolean> files = new HashMap<>();

    /** Of queues without a definition. */
    private final Map<Integer, List<MessageKey>> strayKeys = new TreeMap<>();

    private long total;
    private long done;

    /** @param sink gets every message that can be read; null when none needs to be read */
    Survey(
            StoreView view,
            QueueDefinitions definitions,
            DamageList damage,
            @Nullable StoreSink sink,
            ToolProgress progress) {
        this.view = view;
        this.definitions = definitions;
        this.damage = damage;
        this.sink = sink;
        this.progress = progress;
        if (sink != null) {
            view.tell(new Recovery() {
                @Override
                public void definition(String kind, String name, byte[] value) {}

                @Override
                public void run(int queueId, int level, StoredRun run) {
                    total += run.positions().length;
                }

                @Override
                public void done(boolean clean) {}
            });
        }
        view.tell(this);
    }

    @Override
    public void definition(String kind, String name, byte[] value) {
        definitions.number(kind, value).ifPresent(number -> names.put(number, name));
        if (!kind.equals(definitions.claimKind())) {
            handOn(kind, name, value);
        }
    }

    private void handOn(String kind, String name, byte[] value) {
        try {
            if (sink != null) {
                sink.definition(kind, name, value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A queue of which only messages are left. */
    private void name(int number) {
        String name = "recovered-" + number;
        damage.add("queue " + number + " holds messages and no definition names it; it is called '" + name + "' here");
        names.put(number, name);
        handOn(definitions.queueKind(), name, definitions.made(number, name));
        strayKeys.getOrDefault(number, List.of()).forEach(key -> named(key));
        strayKeys.remove(number);
    }

    @Override
    public void key(long position, MessageKey key) {
        if (names.containsKey(key.queueId())) {
            named(key);
        } else {
            strayKeys.computeIfAbsent(key.queueId(), queue -> new ArrayList<>()).add(key);
        }
    }

    private void named(MessageKey key) {
        counted.computeIfAbsent(key.queueId(), number -> new Counted()).keys++;
        try {
            if (sink != null) {
                sink.key(key);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run(int queueId, int level, StoredRun run) {
        if (!names.containsKey(queueId)) {
            name(queueId);
        }
        var queue = counted.computeIfAbsent(queueId, number -> new Counted());
        long[] positions = run.positions();
        queue.messages += positions.length;
        queue.bytes += run.bytes();
        queue.first = Math.min(queue.first, positions[0]);
        queue.last = Math.max(queue.last, positions[positions.length - 1]);
        for (long position : positions) {
            queue.inJournal += view.index.fresh(queueId, position) ? 1 : 0;
        }
        var reader = sink;
        if (reader != null) {
            queue.unreadable += positions.length - handOn(reader, queueId, level, run);
            done += positions.length;
            progress.at("messages", done, total);
        }
    }

    private int handOn(StoreSink reader, int queue, int level, StoredRun run) {
        try {
            int readable = 0;
            for (var message : view.read(queue, run.positions())) {
                if (whole(message.body())) {
                    reader.message(queue, level, run.expiresAtMs(), message);
                    readable++;
                }
            }
            return readable;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a body is all there; one in a file is read once, however many queues it is in. */
    private boolean whole(Body body) {
        return !(body instanceof Body.Spooled spooled)
                || files.computeIfAbsent(spooled.file().number(), number -> {
                    String problem = view.spool.problem(spooled);
                    if (!problem.isEmpty()) {
                        damage.add(problem);
                    }
                    return problem.isEmpty();
                });
    }

    @Override
    public void done(boolean clean) {
        strayKeys.forEach((number, keys) -> damage.add("queue " + number + " has " + keys.size()
                + " keys of messages and no definition names it; they are left out"));
        counted.forEach((number, queue) -> {
            if (queue.unreadable > 0) {
                damage.add("queue '" + names.get(number) + "': " + queue.unreadable + " of " + queue.messages
                        + " messages cannot be read");
            }
        });
    }

    /** What every queue holds, by name; queues without messages are among them. */
    List<QueueFigures> queues() {
        var all = new ArrayList<QueueFigures>();
        names.keySet().forEach(number -> counted.computeIfAbsent(number, absent -> new Counted()));
        counted.forEach((number, queue) -> all.add(new QueueFigures(
                number,
                String.valueOf(names.get(number)),
                queue.messages,
                queue.bytes,
                queue.messages == 0 ? 0 : queue.first,
                queue.last,
                queue.inJournal,
                queue.unreadable,
                queue.keys)));
        all.sort(Comparator.comparing(QueueFigures::name).thenComparingInt(QueueFigures::number));
        return all;
    }
}
