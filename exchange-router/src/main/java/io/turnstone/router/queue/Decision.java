package io.turnstone.router.queue;

/** The payload of a record that a queue submitted about its own entries. On the queue's home loop. */
@FunctionalInterface
interface Decision {
    /** The record is committed: what was decided is so. */
    void applied();
}
