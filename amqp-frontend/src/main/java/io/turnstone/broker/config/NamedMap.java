package io.turnstone.broker.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping whose keys are names that the user chooses, such as those of queues.
 *
 * @param value what each name has
 * @param label how a message names an entry, made from its name
 * @param names the JSON Schema of a name; empty for any
 */
record NamedMap<T>(Type<T> value, Function<String, String> label, Map<String, Object> names)
        implements Type<Map<String, T>> {

    @Override
    public @Nullable Map<String, T> read(Node node, String outer, Reading reading) {
        if (Types.isNull(node)) {
            return Map.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            reading.problem(node, outer, "must be a mapping of names: write 'NAME: …' on each line");
            return null;
        }
        var entries = new LinkedHashMap<String, T>();
        var seen = new java.util.HashSet<String>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode scalar)) {
                reading.problem(entry.getKeyNode(), outer, "has a name that is not a plain word");
                continue;
            }
            String name = reading.text(scalar, outer);
            if (name == null) {
                continue;
            }
            String entryLabel = label.apply(name);
            if (!seen.add(name)) {
                reading.problem(scalar, entryLabel, "is there twice; keep one of them");
                continue;
            }
            T read = value.read(entry.getValueNode(), entryLabel, reading);
            if (read != null) {
                entries.put(name, read);
            }
        }
        return entries;
    }

    @Override
    public Map<String, Object> schema() {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("type", List.of("object", "null"));
        if (!names.isEmpty()) {
            schema.put("propertyNames", names);
        }
        schema.put("additionalProperties", value.schema());
        return schema;
    }
}
