package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.ConnectionError;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/**
 * Containers that asked to have one connection only ({@code sole-connection-for-container}). Any thread: connections
 * of one container may live on different loops, and meet here once, when they open.
 */
final class SoleConnections {

    private final Map<String, AmqpConnection> byContainer = new ConcurrentHashMap<>();

    /**
     * Makes a connection the only one of its container.
     *
     * @param closesExisting whether one that is there already goes; otherwise the new one is refused
     */
    void take(AmqpConnection connection, String containerId, boolean closesExisting) {
        AmqpConnection existing = closesExisting
                ? byContainer.put(containerId, connection)
                : byContainer.putIfAbsent(containerId, connection);
        if (existing == null) {
            return;
        }
        if (!closesExisting) {
            throw new ConnectionError(
                    AmqpError.INVALID_FIELD,
                    "container-id '" + containerId + "' is in use by another connection; close that one first",
                    Map.of(Symbols.INVALID_FIELD_INFO, Symbols.CONTAINER_ID));
        }
        var replaced = new ConnectionError(
                AmqpError.RESOURCE_LOCKED,
                "another connection of container '" + containerId + "' took the place of this one",
                Map.of(Symbols.SOLE_CONNECTION_ENFORCEMENT, true));
        existing.loop().execute(() -> existing.fail(replaced));
    }

    /** Lets go of what {@link #take} took. */
    void release(AmqpConnection connection, String containerId) {
        byContainer.remove(containerId, connection);
    }
}
