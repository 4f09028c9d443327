package io.turnstone.store;

import io.turnstone.api.Body;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What must be there: bodies and overlays by queue, oldest first; positions where they are known. */
final class Model {
    record Entry(long position, int level, long expiresAtMs, String body, String overlay) {
        Entry as(String newOverlay) {
            return new Entry(position, level, expiresAtMs, body, newOverlay);
        }
    }

    final Map<Integer, List<Entry>> queues = new TreeMap<>();
    final Map<String, String> definitions = new TreeMap<>();

    List<Entry> queue(int id) {
        return queues.computeIfAbsent(id, q -> new ArrayList<>());
    }

    Entry take(int queue, long position) {
        var entries = queue(queue);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).position == position) {
                return entries.remove(i);
            }
        }
        throw new AssertionError("no " + position + " in " + queue);
    }

    /** What a message looks like that a transaction brings. */
    @SuppressWarnings("unchecked") // Records.commit() put it there
    static Entry entered(StoreRecord.Commit commit, StoreRecord.Enter enter) {
        var pending = ((Map<Long, StoreRecord.Pending>) commit.payload()).get(enter.pending());
        var body = (Body.Inline) pending.body();
        return new Entry(0, 0, 0, text(body.array()), text(pending.overlay()));
    }

    /** The bodies that a record brings into queues. */
    static List<String> bodies(StoreRecord record) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            return List.of((String) enqueue.payload());
        }
        return record instanceof StoreRecord.Commit commit
                ? commit.changes().stream()
                        .filter(StoreRecord.Enter.class::isInstance)
                        .map(enter -> entered(commit, (StoreRecord.Enter) enter).body)
                        .toList()
                : List.of();
    }

    private void apply(StoreRecord.Commit commit, long first) {
        long next = first;
        for (var change : commit.changes()) {
            long at = first < 0 ? -1 : next;
            if (change instanceof StoreRecord.Enter enter) {
                var entry = entered(commit, enter);
                byte[] overlay = Records.bytes(entry.overlay);
                enter.queues().forEach(queue -> add(queue, at, enter.marks(), entry.body, overlay));
            } else {
                apply((StoreRecord) change, at);
            }
            next += change.positioned() ? 1 : 0;
        }
    }

    void apply(StoreRecord record, long position) {
        if (record instanceof StoreRecord.Commit commit) {
            apply(commit, position);
        } else if (record instanceof StoreRecord.Enqueue enqueue) {
            String body = (String) enqueue.payload();
            enqueue.queues().forEach(queue -> add(queue, position, enqueue.marks(), body, enqueue.overlay()));
        } else if (record instanceof StoreRecord.Remove remove) {
            for (long gone : remove.positions()) {
                take(remove.queue().id(), gone);
            }
        } else if (record instanceof StoreRecord.Amend amend) {
            queue(amend.queue().id())
                    .replaceAll(entry -> entry.position != amend.position() ? entry : entry.as(text(amend.overlay())));
        } else if (record instanceof StoreRecord.Move move) {
            var entry = take(move.source().id(), move.position());
            move.targets().forEach(queue -> add(queue, position, move.marks(), entry.body, move.overlay()));
        } else if (record instanceof StoreRecord.Define define) {
            byte[] value = define.value();
            if (value == null) {
                definitions.remove(define.kind() + "/" + define.name());
            } else {
                definitions.put(define.kind() + "/" + define.name(), text(value));
            }
        } else if (record instanceof StoreRecord.Drop drop) {
            queues.remove(drop.queue().id());
        }
    }

    private void add(StoredQueue queue, long position, Marks marks, String body, byte[] overlay) {
        int level = marks.level(queue.levels());
        queue(queue.id()).add(new Entry(position, level, marks.expiresAtMs(), body, text(overlay)));
    }

    boolean matches(Recovered recovered) {
        if (!definitions.equals(recovered.definitions)) {
            return false;
        }
        for (int id = 1; id < 1000; id++) {
            var expected = queues.getOrDefault(id, List.of());
            var found = recovered.queue(id);
            if (expected.size() != found.size()) {
                return false;
            }
            for (int i = 0; i < expected.size(); i++) {
                var entry = expected.get(i);
                var message = found.get(i);
                boolean same = entry.body.equals(message.body())
                        && entry.level == message.level()
                        && entry.overlay.equals(message.overlay())
                        && (entry.position < 0 || entry.position == message.position());
                if (!same) {
                    return false;
                }
            }
        }
        return true;
    }

    /** With the positions that the store told, now that the content is known to match. */
    Model known(Recovered recovered) {
        var known = new Model();
        known.definitions.putAll(definitions);
        recovered.queues.forEach((id, messages) -> {
            for (int i = 0; i < messages.size(); i++) {
                var entry = queue(id).get(i);
                known.queue(id)
                        .add(new Entry(
                                messages.get(i).position(), entry.level, entry.expiresAtMs, entry.body, entry.overlay));
            }
        });
        return known;
    }

    private static String text(byte[] bytes) {
        return Records.text(bytes, 0, bytes.length);
    }
}
