package io.turnstone.router.queue;

/** Hears from queues what concerns the topology. Called on the queue's home loop. */
@FunctionalInterface
public interface Lifecycle {

    /**
     * An auto-delete queue lost its last consumer, or a queue with {@code expires} was idle for so long. The topology
     * deletes it with {@link MessageQueue.DeleteIf#UNUSED}; until then the queue works on.
     */
    void unused(MessageQueue queue);
}
