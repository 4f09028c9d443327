package io.turnstone.broker;

import io.turnstone.router.topology.StoredDefinitions;
import io.turnstone.store.tools.QueueDefinitions;
import java.util.OptionalInt;

/** Lets the tools of the store read what the router keeps there. Immutable. */
final class RouterDefinitions implements QueueDefinitions {

    @Override
    public OptionalInt number(String kind, byte[] value) {
        return StoredDefinitions.queueNumber(kind, value);
    }

    @Override
    public byte[] renumbered(byte[] value, int number) {
        return StoredDefinitions.renumbered(value, number);
    }

    @Override
    public byte[] made(int number, String name) {
        return StoredDefinitions.queue(number, name);
    }

    @Override
    public String queueKind() {
        return StoredDefinitions.queueKind();
    }

    @Override
    public String counterKind() {
        return StoredDefinitions.counterKind();
    }

    @Override
    public String claimKind() {
        return StoredDefinitions.claimKind();
    }

    @Override
    public String counterName() {
        return StoredDefinitions.counterName();
    }

    @Override
    public int count(byte[] value) {
        return StoredDefinitions.count(value);
    }

    @Override
    public byte[] counted(int highest) {
        return StoredDefinitions.counted(highest);
    }
}
