package io.turnstone.store;

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

/** Counts what a store holds, and reads all of it if that is wanted. Owned by one thread. */
final class Survey implements Recovery {

    private static final class Counted {
        long messages;
        long bytes;
        long first = Long.MAX_VALUE;
        long last;
        long inJournal;
        long unreadable;
    }

    private final StoreView view;
    private final QueueDefinitions definitions;
    private final DamageList damage;
    private final boolean reading;
    private final ToolProgress progress;
    private final Map<Integer, String> names = new HashMap<>();
    private final Map<Integer, Counted> counted = new TreeMap<>();
    private long total;
    private long done;

    /** @param reading whether every message is read */
    Survey(StoreView view, QueueDefinitions definitions, DamageList damage, boolean reading, ToolProgress progress) {
        this.view = view;
        this.definitions = definitions;
        this.damage = damage;
        this.reading = reading;
        this.progress = progress;
        if (reading) {
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
    }

    @Override
    public void run(int queueId, int level, StoredRun run) {
        var queue = counted.computeIfAbsent(queueId, number -> new Counted());
        long[] positions = run.positions();
        queue.messages += positions.length;
        queue.bytes += run.bytes();
        queue.first = Math.min(queue.first, positions[0]);
        queue.last = Math.max(queue.last, positions[positions.length - 1]);
        for (long position : positions) {
            queue.inJournal += view.index.fresh(queueId, position) ? 1 : 0;
        }
        if (reading) {
            queue.unreadable += positions.length - read(queueId, positions);
            done += positions.length;
            progress.at("messages", done, total);
        }
    }

    private int read(int queue, long[] positions) {
        try {
            return view.read(queue, positions).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void done(boolean clean) {
        counted.forEach((number, queue) -> {
            if (!names.containsKey(number)) {
                damage.add("queue " + number + " holds " + queue.messages + " messages and no definition names it");
            }
            if (queue.unreadable > 0) {
                damage.add("queue " + name(number) + ": " + queue.unreadable + " of " + queue.messages
                        + " messages cannot be read");
            }
        });
    }

    private String name(int number) {
        String name = names.get(number);
        return name == null ? String.valueOf(number) : "'" + name + "'";
    }

    /** What every queue holds, by name; queues without messages are among them. */
    List<QueueFigures> queues() {
        var all = new ArrayList<QueueFigures>();
        names.keySet().forEach(number -> counted.computeIfAbsent(number, absent -> new Counted()));
        counted.forEach((number, queue) -> all.add(new QueueFigures(
                number,
                names.getOrDefault(number, ""),
                queue.messages,
                queue.bytes,
                queue.messages == 0 ? 0 : queue.first,
                queue.last,
                queue.inJournal,
                queue.unreadable)));
        all.sort(Comparator.comparing(QueueFigures::name).thenComparingInt(QueueFigures::number));
        return all;
    }
}
