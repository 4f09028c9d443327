package io.turnstone.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One message as a block keeps it. Immutable.
 *
 * @param body the bytes, empty when they are a record of their own
 * @param external where the body is when it is a record of its own, else null
 */
record BlockEntry(
        long position,
        long expiresAtMs,
        String format,
        byte[] overlay,
        byte[] body,
        @Nullable External external) {

    /** Bodies from this size on are records of their own, which several entries may share. */
    static final int EXTERNAL_FROM = 4096;

    private static final int HEAD = 8 + 8 + 1 + 4 + 4 + 8 + 4 + 8;

    /**
     * A body that is a record of its own.
     *
     * @param sum CRC32C of the body: MapDB uses record numbers again
     * @param counter the record that counts its entries, or 0 while there is only this one
     */
    record External(long recid, int length, int sum, long counter) {
        static External of(long recid, byte[] body, long counter) {
            return new External(recid, body.length, sumOf(body), counter);
        }

        /** The same body elsewhere. */
        External at(long newRecid, long newCounter) {
            return new External(newRecid, length, sum, newCounter);
        }

        External countedBy(long newCounter) {
            return at(recid, newCounter);
        }

        /** Whether a record's content is that body. */
        boolean matches(byte[] body) {
            return body.length == length && sumOf(body) == sum;
        }

        private static int sumOf(byte[] body) {
            var crc = new CRC32C();
            crc.update(body);
            return (int) crc.getValue();
        }
    }

    BlockEntry withOverlay(byte[] changed) {
        return new BlockEntry(position, expiresAtMs, format, changed, body, external);
    }

    /** The same message in another queue. */
    BlockEntry movedTo(long newPosition, long newExpiresAtMs) {
        return new BlockEntry(newPosition, newExpiresAtMs, format, overlay, body, external);
    }

    BlockEntry at(@Nullable External newPlace) {
        return new BlockEntry(position, expiresAtMs, format, overlay, body, newPlace);
    }

    int bodyBytes() {
        return external == null ? body.length : external.length;
    }

    int size() {
        return HEAD + format.length() + overlay.length + body.length;
    }

    static byte[] encode(List<BlockEntry> entries) {
        int size = 0;
        for (var entry : entries) {
            size += entry.size() + 2 * entry.format.length();
        }
        var buffer = ByteBuffer.allocate(size);
        for (var entry : entries) {
            byte[] format = entry.format.getBytes(StandardCharsets.UTF_8);
            var external = entry.external;
            buffer.putLong(entry.position).putLong(entry.expiresAtMs);
            buffer.put((byte) format.length).put(format);
            buffer.putInt(entry.overlay.length)
                    .putInt(entry.bodyBytes())
                    .putLong(external == null ? 0 : external.recid)
                    .putInt(external == null ? 0 : external.sum)
                    .putLong(external == null ? 0 : external.counter);
            buffer.put(entry.overlay).put(entry.body);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    static List<BlockEntry> decode(ByteBuffer content, int count) {
        var entries = new ArrayList<BlockEntry>(count);
        for (int i = 0; i < count; i++) {
            long position = content.getLong();
            long expiresAtMs = content.getLong();
            var format = new String(RecordDecoder.bytes(content, content.get() & 0xFF), StandardCharsets.UTF_8);
            int overlay = content.getInt();
            int body = content.getInt();
            long recid = content.getLong();
            int sum = content.getInt();
            long counter = content.getLong();
            entries.add(new BlockEntry(
                    position,
                    expiresAtMs,
                    format,
                    RecordDecoder.bytes(content, overlay),
                    RecordDecoder.bytes(content, recid == 0 ? body : 0),
                    recid == 0 ? null : new External(recid, body, sum, counter)));
        }
        return entries;
    }

    /** What a block of these entries is. */
    static Block.Draft draft(List<BlockEntry> entries) {
        var draft = new Block.Draft();
        for (var entry : entries) {
            draft.add(entry.position, entry.bodyBytes(), entry.expiresAtMs, entry.external != null);
            draft.spooled |= SpoolReference.is(entry.format);
        }
        return draft;
    }
}
