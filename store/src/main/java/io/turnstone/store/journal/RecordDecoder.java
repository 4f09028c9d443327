package io.turnstone.store.journal;

import static io.turnstone.store.journal.JournalFormat.*;

import io.turnstone.api.store.MessageKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the payloads that {@link RecordEncoder} wrote. The checksum was verified before. */
final class RecordDecoder {

    private RecordDecoder() {}

    /**
     * Hands one record to a visitor.
     *
     * @param payload from its position to its limit
     * @throws java.nio.BufferUnderflowException when the payload is shorter than its fields say
     */
    static void decode(int type, long position, ByteBuffer payload, JournalVisitor visitor) {
        switch (type) {
            case ENQUEUE -> {
                var targets = targets(payload);
                byte[] format = Fields.bytes(payload, payload.get() & 0xFF);
                int overlaySize = payload.getInt();
                var overlay = payload.slice(payload.position(), overlaySize);
                payload.position(payload.position() + overlaySize);
                visitor.enqueue(
                        position, targets, new String(format, StandardCharsets.UTF_8), overlay, payload.slice());
            }
            case REMOVE -> {
                int queue = payload.getInt();
                var positions = new long[payload.getInt()];
                long last = 0;
                for (int i = 0; i < positions.length; i++) {
                    last += Fields.var(payload);
                    positions[i] = last;
                }
                visitor.remove(position, queue, positions);
            }
            case AMEND -> visitor.amend(position, payload.getInt(), payload.getLong(), payload.slice());
            case MOVE -> {
                int source = payload.getInt();
                long at = payload.getLong();
                visitor.move(position, source, at, targets(payload), payload.slice());
            }
            case DEFINE -> {
                boolean present = payload.get() != 0;
                String kind = text(payload);
                String name = text(payload);
                visitor.define(position, kind, name, present ? Fields.bytes(payload, payload.remaining()) : null);
            }
            case DROP -> visitor.drop(position, payload.getInt());
            case SEAL -> visitor.seal(position);
            case COMMIT -> changes(position, payload, visitor);
            case ENTER -> visitor.enter(position, payload.getLong(), targets(payload));
            default -> throw new IllegalArgumentException("record type " + type + " is unknown");
        }
    }

    /** Hands on what a commit changes, each change as if it were a record of its own. */
    private static void changes(long last, ByteBuffer payload, JournalVisitor visitor) {
        long next = firstOfCommit(last, payload.getInt());
        while (payload.hasRemaining()) {
            int type = payload.get();
            int length = payload.getInt();
            var change = payload.slice(payload.position(), length);
            payload.position(payload.position() + length);
            decode(type, type == REMOVE ? last : next++, change, visitor);
        }
    }

    private static Targets targets(ByteBuffer payload) {
        int count = payload.getShort() & 0xFFFF;
        var queues = new int[count & ~JournalFormat.KEYED];
        var levels = new int[queues.length];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = payload.getInt();
            levels[i] = payload.get() & 0xFF;
        }
        long expiresAtMs = payload.getLong();
        boolean keyed = (count & JournalFormat.KEYED) != 0;
        return new Targets(queues, levels, expiresAtMs, keyed ? keys(payload) : List.of());
    }

    private static List<MessageKey> keys(ByteBuffer payload) {
        int count = payload.getShort() & 0xFFFF;
        var keys = new ArrayList<MessageKey>(Math.min(count, payload.remaining() / JournalFormat.KEY_BYTES));
        for (; count > 0; count--) {
            keys.add(new MessageKey(
                    payload.getInt(),
                    payload.getLong(),
                    payload.getLong(),
                    payload.getLong(),
                    payload.getLong(),
                    payload.getInt()));
        }
        return keys;
    }

    private static String text(ByteBuffer payload) {
        return new String(Fields.bytes(payload, payload.getShort() & 0xFFFF), StandardCharsets.UTF_8);
    }
}
