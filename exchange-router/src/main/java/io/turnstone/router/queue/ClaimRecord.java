package io.turnstone.router.queue;

import io.turnstone.api.ConsumerRequest.Claim;
import io.turnstone.api.store.StoreRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * That a consumer holds one message under a claim, as it stands in the store: a definition, known by the message, so that
 * one of them at most says who holds it. Immutable.
 *
 * @param queueId the queue
 * @param position of the message there
 * @param claim whose it is
 * @param alone whether it is an exclusive consumer, which wants no other beside it
 */
public record ClaimRecord(int queueId, long position, Claim claim, boolean alone) {

    /** The kind of these definitions. */
    public static final String KIND = "claim";

    /** The claim of a consumer among others, and that of an exclusive one. */
    private static final byte SHARED = 1;

    private static final byte ALONE = 2;

    /** What makes it. */
    StoreRecord.Define made() {
        byte[] name = claim.name().getBytes(StandardCharsets.UTF_8);
        byte[] value = ByteBuffer.allocate(1 + Short.BYTES + name.length + claim.note().length)
                .put(alone ? ALONE : SHARED)
                .putShort((short) name.length)
                .put(name)
                .put(claim.note())
                .array();
        return new StoreRecord.Define(KIND, name(queueId, position), value);
    }

    /** What ends the claim to a message. */
    public static StoreRecord.Define gone(int queueId, long position) {
        return new StoreRecord.Define(KIND, name(queueId, position), null);
    }

    private static String name(int queueId, long position) {
        return queueId + "/" + position;
    }

    /**
     * Reads it back.
     *
     * @throws IllegalArgumentException when it is none that this release knows
     */
    public static ClaimRecord of(String name, byte[] value) {
        int slash = name.indexOf('/');
        int length =
                value.length < 1 + Short.BYTES ? -1 : ByteBuffer.wrap(value).getShort(1) & 0xFFFF;
        int noteAt = 1 + Short.BYTES + length;
        if (slash < 0 || length < 0 || (value[0] != SHARED && value[0] != ALONE) || noteAt > value.length) {
            throw new IllegalArgumentException("a claim has another form than this release knows");
        }
        var claim = new Claim(
                new String(value, 1 + Short.BYTES, length, StandardCharsets.UTF_8),
                java.util.Arrays.copyOfRange(value, noteAt, value.length));
        return new ClaimRecord(
                Integer.parseInt(name.substring(0, slash)),
                Long.parseLong(name.substring(slash + 1)),
                claim,
                value[0] == ALONE);
    }
}
