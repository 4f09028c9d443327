package io.turnstone.router.topology;

import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.queue.MessageQueue;
import org.jspecify.annotations.Nullable;

/**
 * One queue in the topology. Immutable, any thread.
 *
 * @param queue the queue itself; its own specification has the policies in it
 * @param declared as it was declared, before policies
 * @param connectionId the connection it is exclusive to, or {@link #NOBODY}
 * @param gate what exchanges may bring into it, or null for everything
 */
public record QueueEntry(
        MessageQueue queue,
        QueueSpec declared,
        Owner owner,
        long connectionId,
        @Nullable Gate gate) {

    /** Not exclusive to a connection. */
    static final long NOBODY = -1;

    /** The name of the queue. */
    public String name() {
        return declared.name();
    }

    /** Whether its definition and messages are in the store: what goes with a connection or link never is. */
    boolean stored() {
        return stored(declared);
    }

    static boolean stored(QueueSpec spec) {
        return spec.durable() && !spec.exclusive() && !spec.temporary();
    }

    QueueEntry with(QueueSpec newDeclared, Owner newOwner) {
        return new QueueEntry(queue, newDeclared, newOwner, connectionId, gate);
    }
}
