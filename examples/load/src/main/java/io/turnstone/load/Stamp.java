package io.turnstone.load;

import java.nio.ByteBuffer;

/**
 * The first {@value #BYTES} bytes of each body: run, producer, phase, sequence number and the moment the
 * message was due ({@link System#nanoTime}). The rest of a body is {@link #fill}, the same in each message.
 */
final class Stamp {

    static final int BYTES = 32;

    static final int RUN = 0;
    static final int PRODUCER = 8;
    static final int PHASE = 12;
    static final int SEQUENCE = 16;
    static final int DUE = 24;

    private Stamp() {}

    /** A body of {@code bytes} with room for the stamp and the fill after it. */
    static byte[] fill(int bytes) {
        var body = new byte[bytes];
        for (int i = BYTES; i < bytes; i++) {
            body[i] = (byte) (i * 31 + (i >>> 8));
        }
        return body;
    }

    /**
     * Finds the body of an encoded message that starts at {@code at} and ends before {@code end}.
     *
     * @return where its bytes begin; -1 if the body is not one data section that ends with the message and
     *     has room for a stamp
     */
    static int find(ByteBuffer in, int at, int end) {
        int section = at;
        while (end - section >= 5) {
            int code = Fields.descriptor(in, section);
            int value = Fields.described(in, section);
            if (code == Code.DATA) {
                int type = in.get(value) & 0xff;
                int start = type == Type.VBIN8 ? value + 2 : value + 5;
                return Fields.skip(in, value) == end && end - start >= BYTES ? start : -1;
            }
            section = Fields.skip(in, value);
        }
        return -1;
    }
}
