package io.turnstone.store.tools;

import java.util.OptionalInt;

/** What tools must know of definitions, whose bytes the store does not understand. Immutable; any thread. */
public interface QueueDefinitions {

    /** The number of the queue that a definition makes; empty when it makes something else or cannot be read. */
    OptionalInt number(String kind, byte[] value);

    /** The definition of a queue with another number. */
    byte[] renumbered(byte[] value, int number);

    /** The definition of a queue of which nothing is known any more. */
    byte[] made(int number, String name);

    /** The kind of definitions that make queues. */
    String queueKind();

    /** The kind of definitions that only count and describe nothing. */
    String counterKind();

    /**
     * The kind of definitions that speak of single messages, by queue number and position: they hold in their own store only,
     * where those numbers do.
     */
    String claimKind();

    /** The name of the counter of queue numbers. */
    String counterName();

    /** The highest queue number that was in use, by that counter. */
    int count(byte[] value);

    /** The counter's value once numbers up to this one are in use. */
    byte[] counted(int highest);
}
