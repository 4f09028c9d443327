package io.turnstone.router.topology;

import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.queue.ClaimRecord;
import java.util.OptionalInt;

/** What tools may know of the definitions in a store. Pure, any thread. */
public final class StoredDefinitions {

    private StoredDefinitions() {}

    /** The number of the queue that a definition makes; empty when it makes something else or cannot be read. */
    public static OptionalInt queueNumber(String kind, byte[] value) {
        if (!kind.equals(Definitions.QUEUE)) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(DefinitionCodec.queue(value).id());
        } catch (IllegalArgumentException e) {
            return OptionalInt.empty();
        }
    }

    /** The definition of a queue with another number. */
    public static byte[] renumbered(byte[] value, int number) {
        var queue = DefinitionCodec.queue(value);
        return DefinitionCodec.queue(number, queue.spec(), queue.owner());
    }

    /** The definition of a durable queue of which nothing but a number is known. */
    public static byte[] queue(int number, String name) {
        return DefinitionCodec.queue(number, QueueSpec.named(name).durable(true).build(), Owner.CLIENT);
    }

    /** The kind of definitions that make queues. */
    public static String queueKind() {
        return Definitions.QUEUE;
    }

    /** The kind of definitions that count. */
    public static String counterKind() {
        return Definitions.COUNTER;
    }

    /** The kind of definitions that say who holds a message. */
    public static String claimKind() {
        return ClaimRecord.KIND;
    }

    /** The name of the counter of queue numbers. */
    public static String counterName() {
        return Definitions.QUEUE_NUMBERS;
    }

    /** The value of a counter. */
    public static int count(byte[] value) {
        return DefinitionCodec.number(value);
    }

    /** A counter of this value. */
    public static byte[] counted(int number) {
        return DefinitionCodec.number(number);
    }
}
