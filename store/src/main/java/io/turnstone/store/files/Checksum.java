package io.turnstone.store.files;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C of a stretch of a buffer, mixed with a seed, so that bytes which were valid elsewhere (another store, the
 * former use of a recycled segment) never verify here. Owned by one thread.
 */
public final class Checksum {

    private final CRC32C crc = new CRC32C();
    private final int seed;

    public Checksum(int seed) {
        this.seed = seed;
    }

    /** For the segment of a store. Segments of one store that differ in sequence differ in seed. */
    public static Checksum ofSegment(long storeId, long sequence) {
        return new Checksum(seed(storeId, sequence));
    }

    /** What the checksum of a thing with these two numbers begins with, so that it fits no other. */
    public static int seed(long first, long second) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(first).putLong(second).flip());
        return (int) crc.getValue();
    }

    /** Of {@code length} bytes from {@code from}; position and limit of the buffer stay. */
    public int of(ByteBuffer buffer, int from, int length) {
        int position = buffer.position();
        int limit = buffer.limit();
        crc.reset();
        buffer.limit(from + length).position(from);
        crc.update(buffer);
        buffer.limit(limit).position(position);
        return (int) crc.getValue() ^ seed;
    }
}
