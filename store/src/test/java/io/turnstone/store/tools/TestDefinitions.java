package io.turnstone.store.tools;

import io.turnstone.store.Records;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Definitions of queues that are a number and some text. */
public final class TestDefinitions implements QueueDefinitions {

    public static byte[] queue(int number, String text) {
        byte[] bytes = Records.bytes(text);
        return ByteBuffer.allocate(4 + bytes.length).putInt(number).put(bytes).array();
    }

    @Override
    public OptionalInt number(String kind, byte[] value) {
        return kind.equals("queue") && value.length >= 4
                ? OptionalInt.of(ByteBuffer.wrap(value).getInt())
                : OptionalInt.empty();
    }

    @Override
    public byte[] renumbered(byte[] value, int number) {
        byte[] changed = value.clone();
        ByteBuffer.wrap(changed).putInt(number);
        return changed;
    }

    @Override
    public byte[] made(int number, String name) {
        return queue(number, "made");
    }

    @Override
    public String queueKind() {
        return "queue";
    }

    @Override
    public String counterKind() {
        return "counter";
    }

    @Override
    public String claimKind() {
        return "claim";
    }

    @Override
    public String counterName() {
        return "numbers";
    }

    @Override
    public int count(byte[] value) {
        return ByteBuffer.wrap(value).getInt();
    }

    @Override
    public byte[] counted(int highest) {
        return ByteBuffer.allocate(4).putInt(highest).array();
    }
}
