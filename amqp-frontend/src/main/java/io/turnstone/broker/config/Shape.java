package io.turnstone.broker.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping with known keys. Unknown, duplicate and missing keys are problems; all keys are read before anything is
 * built, so that every problem is found in one pass.
 *
 * @param keys the keys in the order of the documentation
 * @param open whether other keys are taken as they are ({@link Values#extra})
 * @param lenient whether something is built from the good keys even when others are bad: what refers to it is not
 *     reported as well
 * @param build makes the value once every key was read well; an {@link IllegalArgumentException} is a problem
 */
record Shape<T>(List<Key<?>> keys, boolean open, boolean lenient, Function<Values, T> build) implements Type<T> {

    static <T> Shape<T> of(Function<Values, T> build, Key<?>... keys) {
        return new Shape<>(List.of(keys), false, false, build);
    }

    /** The keys themselves, the good ones among them, for those who look further. */
    static Shape<Values> ofValues(List<Key<?>> keys, boolean open) {
        return new Shape<>(keys, open, true, values -> values);
    }

    @Override
    public @Nullable T read(Node node, String label, Reading reading) {
        int before = reading.problems().count();
        var values = new Values(label, node, reading);
        if (node instanceof MappingNode mapping) {
            readKeys(mapping, label, reading, values);
        } else if (!Types.isNull(node)) {
            reading.problem(node, label, "must be a mapping of " + String.join(", ", names()));
            return lenient ? build.apply(values) : null;
        }
        for (Key<?> key : keys) {
            if (key.required() && !values.written(key)) {
                values.problem("'" + key.name() + "' is missing; it " + key.description());
            }
        }
        if (reading.problems().count() > before && !lenient) {
            return null;
        }
        try {
            T built = build.apply(values);
            return reading.problems().count() > before && !lenient ? null : built;
        } catch (IllegalArgumentException e) {
            values.problem(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private void readKeys(MappingNode mapping, String label, Reading reading, Values values) {
        Set<String> seen = new HashSet<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode scalar)) {
                reading.problem(entry.getKeyNode(), label, "has a key that is not a plain word");
                continue;
            }
            String name = scalar.getValue();
            if (!seen.add(name)) {
                reading.problem(scalar, label, (label.isEmpty() ? "'" : "has '") + name + "' twice; keep one of them");
                continue;
            }
            Key<?> key = key(name);
            if (key != null) {
                readKey(key, entry.getValueNode(), label, reading, values);
            } else if (open) {
                Object value = Types.ANY.read(entry.getValueNode(), sub(label, name), reading);
                if (value != null) {
                    values.putExtra(name, entry.getValueNode(), value);
                }
            } else {
                reading.problem(
                        scalar,
                        label,
                        (label.isEmpty() ? "unknown key '" : "has an unknown key '") + name + "'; "
                                + Suggestion.among(name, names()));
            }
        }
    }

    private static <V> void readKey(Key<V> key, Node node, String label, Reading reading, Values values) {
        V value = key.type().read(node, sub(label, key.name()), reading);
        if (value != null) {
            values.put(key, node, value);
        }
    }

    private static String sub(String label, String name) {
        return label.isEmpty() ? name : label + ": " + name;
    }

    private @Nullable Key<?> key(String name) {
        for (Key<?> key : keys) {
            if (key.name().equals(name)) {
                return key;
            }
        }
        return null;
    }

    List<String> names() {
        return keys.stream().map(Key::name).toList();
    }

    @Override
    public Map<String, Object> schema() {
        var properties = new LinkedHashMap<String, Object>();
        var required = new ArrayList<String>();
        for (Key<?> key : keys) {
            var described = new LinkedHashMap<String, Object>();
            described.put("description", key.description());
            described.putAll(key.type().schema());
            properties.put(key.name(), described);
            if (key.required()) {
                required.add(key.name());
            }
        }
        var schema = new LinkedHashMap<String, Object>();
        schema.put("type", required.isEmpty() ? List.of("object", "null") : "object");
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", open);
        return schema;
    }
}
