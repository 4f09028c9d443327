package io.turnstone.store.checkpoint;

import io.turnstone.store.journal.Fields;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.spool.SpoolReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One message as a block keeps it. Immutable.
 *
 * @param body the bytes, empty when they are a record of their own
 * @param external where the body is when it is a record of its own, else null
 */
public record BlockEntry(
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
    public record External(long recid, int length, int sum, long counter) {
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

    /** The messages of a block; none when it is damaged. */
    static List<BlockEntry> read(Pages pages, Block block, Consumer<String> damage) {
        var page = pages.get(block.recid, damage);
        return page == null ? List.of() : decode(page.content(), page.count());
    }

    /** The body, or null when it is a record of its own which is damaged or by now another one. */
    byte @Nullable [] body(Pages pages, int queue, Consumer<String> damage) {
        if (external == null) {
            return body;
        }
        String whose = ": message " + position + " of queue " + queue;
        var page = pages.get(external.recid, what -> damage.accept(what + whose));
        if (page == null) {
            return null;
        }
        byte[] found = Pages.copy(page.content());
        if (page.kind() != Pages.BODY || !external.matches(found)) {
            damage.accept("MapDB record " + external.recid + " is not the body that was stored" + whose);
            return null;
        }
        return found;
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

    /** What {@link #encode} made. */
    public static List<BlockEntry> decode(ByteBuffer content, int count) {
        var entries = new ArrayList<BlockEntry>(count);
        for (int i = 0; i < count; i++) {
            long position = content.getLong();
            long expiresAtMs = content.getLong();
            var format = new String(Fields.bytes(content, content.get() & 0xFF), StandardCharsets.UTF_8);
            int overlay = content.getInt();
            int body = content.getInt();
            long recid = content.getLong();
            int sum = content.getInt();
            long counter = content.getLong();
            entries.add(new BlockEntry(
                    position,
                    expiresAtMs,
                    format,
                    Fields.bytes(content, overlay),
                    Fields.bytes(content, recid == 0 ? body : 0),
                    recid == 0 ? null : new External(recid, body, sum, counter)));
        }
        return entries;
    }

    /** What a block of these entries is. */
    static Block.Draft draft(List<BlockEntry> entries) {
        var draft = new Block.Draft(entries.size());
        for (var entry : entries) {
            draft.add(entry.position, entry.bodyBytes(), entry.expiresAtMs, entry.external != null);
            draft.spooled |= SpoolReference.is(entry.format);
        }
        return draft;
    }
}
