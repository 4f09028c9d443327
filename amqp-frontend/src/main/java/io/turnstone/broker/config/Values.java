package io.turnstone.broker.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The keys of one mapping as they were written, with their places in the file. Used by one thread. */
final class Values {

    private final String label;
    private final Node mapping;
    private final Reading reading;
    private final Map<Key<?>, Object> read = new HashMap<>();
    private final Map<Key<?>, Node> nodes = new HashMap<>();
    private final Map<String, Object> extra = new LinkedHashMap<>();
    private final Map<String, Node> extraNodes = new HashMap<>();

    Values(String label, Node mapping, Reading reading) {
        this.label = label;
        this.mapping = mapping;
        this.reading = reading;
    }

    <T> void put(Key<T> key, Node node, T value) {
        read.put(key, value);
        nodes.put(key, node);
    }

    void putExtra(String name, Node node, Object value) {
        extra.put(name, value);
        extraNodes.put(name, node);
    }

    /** The value of a key, or its default. A required key is there: without it nothing is built. */
    @SuppressWarnings("unchecked") // put() pairs them
    <T> T get(Key<T> key) {
        Object value = read.get(key);
        return value == null ? key.absent() : (T) value;
    }

    boolean given(Key<?> key) {
        return read.containsKey(key);
    }

    /** Whether the key is there, be its value good or bad. */
    boolean written(Key<?> key) {
        return mapping instanceof MappingNode written
                && written.getValue().stream()
                        .anyMatch(entry -> entry.getKeyNode() instanceof ScalarNode scalar
                                && scalar.getValue().equals(key.name()));
    }

    /** Keys that the shape does not name, where it allows them. */
    Map<String, Object> extra() {
        return extra;
    }

    String label() {
        return label;
    }

    Reading reading() {
        return reading;
    }

    /** Reports a problem with the value of a key, at its place. */
    void problem(Key<?> key, String text) {
        reading.problems().add(place(key), named(key, text));
    }

    /** Reports what works but will be regretted, with the value of a key. */
    void warning(Key<?> key, String text) {
        reading.problems().warn(place(key), named(key, text));
    }

    private Node place(Key<?> key) {
        return nodes.getOrDefault(key, mapping);
    }

    private String named(Key<?> key, String text) {
        return label.isEmpty() ? key.name() + " " + text : label + ": " + key.name() + " " + text;
    }

    /** Reports a problem whose text stands for itself, at a key if it is there. */
    void problemAt(String keyName, String text) {
        Node at = extraNodes.getOrDefault(keyName, mapping);
        for (Map.Entry<Key<?>, Node> entry : nodes.entrySet()) {
            if (entry.getKey().name().equals(keyName)) {
                at = entry.getValue();
            }
        }
        reading.problems().add(at, text);
    }

    /** Reports a problem with the mapping as a whole. */
    void problem(String text) {
        reading.problems().add(mapping, label.isEmpty() ? text : label + ": " + text);
    }
}
