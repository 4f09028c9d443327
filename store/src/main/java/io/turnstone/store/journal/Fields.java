package io.turnstone.store.journal;

import java.nio.ByteBuffer;

/** Fields of records on disk that have no fixed width. */
public final class Fields {

    private Fields() {}

    /** Writes a number in as few bytes of seven bits as it takes, the lowest first. */
    public static void putVar(ByteBuffer buffer, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    /** Reads what {@link #putVar} wrote. */
    public static long var(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = from.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    /** How many bytes {@link #putVar} takes. */
    static int varSize(long value) {
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }

    /** The next bytes. */
    public static byte[] bytes(ByteBuffer from, int count) {
        var bytes = new byte[count];
        from.get(bytes);
        return bytes;
    }
}
