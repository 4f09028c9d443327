package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;

/** The eight bytes that open each layer of a connection (part 2, section 2.2): what is spoken after them. */
public enum ProtocolHeader {
    /** AMQP 1.0.0 frames. */
    AMQP(0),
    /** A TLS handshake in the same connection, then another header. */
    TLS(2),
    /** SASL frames, then another header. */
    SASL(3),
    /** Anything else; answered with a supported header and the end of the connection. */
    UNKNOWN(-1);

    /** Length in bytes. */
    public static final int LENGTH = 8;

    private static final int MAGIC = 'A' << 24 | 'M' << 16 | 'Q' << 8 | 'P';
    private static final int VERSION = 1 << 16;

    private final int id;

    ProtocolHeader(int id) {
        this.id = id;
    }

    /** Takes eight bytes. */
    static ProtocolHeader read(ByteBuffer bytes) {
        int magic = bytes.getInt();
        int rest = bytes.getInt();
        if (magic == MAGIC) {
            for (ProtocolHeader header : values()) {
                if (header != UNKNOWN && rest == header.rest()) {
                    return header;
                }
            }
        }
        return UNKNOWN;
    }

    /** Puts the eight bytes; not of {@link #UNKNOWN}. */
    public void write(ByteBuffer out) {
        assert this != UNKNOWN;
        out.putInt(MAGIC).putInt(rest());
    }

    private int rest() {
        return id << 24 | VERSION;
    }
}
