package io.turnstone.broker.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * What a value in the file may be: reads it, and describes it for editors. Immutable.
 *
 * @param <T> what it becomes
 */
interface Type<T> {

    /**
     * Reads one value.
     *
     * @param label how a message names it, such as {@code queue 'orders': ttl}
     * @return null after a problem was reported
     */
    @Nullable
    T read(Node node, String label, Reading reading);

    /** The JSON Schema of the value. */
    Map<String, Object> schema();
}
