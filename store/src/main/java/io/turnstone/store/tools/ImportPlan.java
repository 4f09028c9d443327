package io.turnstone.store.tools;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which definitions of an export a store gets, and under which numbers it knows the queues. A number that was in use is
 * never given to another queue. Owned by one thread.
 */
final class ImportPlan {

    private static final int NAMED = 20;

    private final QueueDefinitions queues;
    private final Map<DefinitionKey, byte[]> present;
    private final TreeMap<Integer, Map.Entry<DefinitionKey, byte[]>> newQueues = new TreeMap<>();
    private final List<Map.Entry<DefinitionKey, byte[]>> missing = new ArrayList<>();
    private final TreeSet<String> different = new TreeSet<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private int highest;

    ImportPlan(QueueDefinitions queues, Map<DefinitionKey, byte[]> present) {
        this.queues = queues;
        this.present = present;
        present.forEach((key, value) -> {
            queues.number(key.kind(), value).ifPresent(number -> highest = Math.max(highest, number));
            if (counts(key)) {
                highest = Math.max(highest, queues.count(value));
            }
        });
    }

    private boolean counts(DefinitionKey key) {
        return key.kind().equals(queues.counterKind()) && key.name().equals(queues.counterName());
    }

    /** A definition of the export. */
    void add(String kind, String name, byte[] value) {
        var key = new DefinitionKey(kind, name);
        if (kind.equals(queues.counterKind())) {
            return; // what it counts is seen from what there is
        }
        byte[] here = present.get(key);
        OptionalInt number = queues.number(kind, value);
        if (here == null) {
            if (number.isPresent()) {
                newQueues.put(number.getAsInt(), Map.entry(key, value));
            } else {
                missing.add(Map.entry(key, value));
            }
            return;
        }
        OptionalInt hereNumber = queues.number(kind, here);
        boolean same = (number.isPresent() && hereNumber.isPresent())
                ? Arrays.equals(here, queues.renumbered(value, hereNumber.getAsInt()))
                : Arrays.equals(here, value);
        if (!same) {
            different.add(kind + " '" + name + "'");
        } else if (hereNumber.isPresent()) {
            numbers.put(name, hereNumber.getAsInt());
        }
    }

    /**
     * What the store must be told.
     *
     * @throws StoreException when the store has something else under a name
     */
    List<Map.Entry<DefinitionKey, byte[]>> definitions() {
        if (!different.isEmpty()) {
            throw new StoreException("the store defines otherwise than the export: "
                    + String.join(", ", different.stream().limit(NAMED).toList())
                    + (different.size() > NAMED ? " and " + (different.size() - NAMED) + " more" : "")
                    + "; delete or change these, or import into a new folder");
        }
        var all = new ArrayList<Map.Entry<DefinitionKey, byte[]>>();
        newQueues.forEach((number, queue) -> {
            highest = number > highest ? number : highest + 1;
            numbers.put(queue.getKey().name(), highest);
            all.add(Map.entry(queue.getKey(), queues.renumbered(queue.getValue(), highest)));
        });
        if (!newQueues.isEmpty()) {
            all.add(
                    0,
                    Map.entry(new DefinitionKey(queues.counterKind(), queues.counterName()), queues.counted(highest)));
        }
        all.addAll(missing);
        return all;
    }

    /**
     * The number of a queue; after {@link #definitions}.
     *
     * @throws IllegalArgumentException when the export does not define it
     */
    int number(String queue) {
        Integer number = numbers.get(queue);
        if (number == null) {
            throw new IllegalArgumentException("queue '" + queue + "' is not defined");
        }
        return number;
    }
}
