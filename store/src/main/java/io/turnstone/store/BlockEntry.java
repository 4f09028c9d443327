package io.turnstone.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One message as a block keeps it. Immutable.
 *
 * @param body the bytes, empty when they are a record of their own
 * @param bodyRecid the record that holds the body, or 0 when it is inline
 * @param bodySum CRC32C of a body that is a record of its own: MapDB uses record numbers again
 */
record BlockEntry(long position, String format, byte[] overlay, byte[] body, long bodyRecid, int bodySum) {

    /** Bodies from this size on are records of their own, which several entries may share. */
    static final int EXTERNAL_FROM = 4096;

    private static final int HEAD = 8 + 1 + 4 + 4 + 8 + 4;

    BlockEntry withOverlay(byte[] changed) {
        return new BlockEntry(position, format, changed, body, bodyRecid, bodySum);
    }

    /** The same message in another queue. */
    BlockEntry movedTo(long newPosition) {
        return new BlockEntry(newPosition, format, overlay, body, bodyRecid, bodySum);
    }

    static int sum(byte[] body) {
        var crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }

    boolean external() {
        return bodyRecid != 0;
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
            buffer.putLong(entry.position).put((byte) format.length).put(format);
            buffer.putInt(entry.overlay.length)
                    .putInt(entry.body.length)
                    .putLong(entry.bodyRecid)
                    .putInt(entry.bodySum);
            buffer.put(entry.overlay).put(entry.body);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    static List<BlockEntry> decode(ByteBuffer content, int count) {
        var entries = new ArrayList<BlockEntry>(count);
        for (int i = 0; i < count; i++) {
            long position = content.getLong();
            var format = new String(RecordDecoder.bytes(content, content.get() & 0xFF), StandardCharsets.UTF_8);
            int overlay = content.getInt();
            int body = content.getInt();
            long recid = content.getLong();
            int sum = content.getInt();
            entries.add(new BlockEntry(
                    position,
                    format,
                    RecordDecoder.bytes(content, overlay),
                    RecordDecoder.bytes(content, body),
                    recid,
                    sum));
        }
        return entries;
    }
}
