package io.turnstone.broker.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * {@code true} or {@code false}, or a mapping of settings, which means true. Immutable.
 *
 * @param settings the shape of the mapping
 */
record Switch<T>(Type<T> settings) implements Type<Switchable<T>> {

    @Override
    public @Nullable Switchable<T> read(Node node, String label, Reading reading) {
        if (node instanceof MappingNode) {
            T read = settings.read(node, label, reading);
            return read == null ? null : new Switchable<>(true, read);
        }
        Boolean on = Types.BOOL.read(node, label, reading);
        return on == null ? null : new Switchable<>(on, null);
    }

    @Override
    public Map<String, Object> schema() {
        return Map.of("anyOf", List.of(Types.BOOL.schema(), settings.schema()));
    }
}
