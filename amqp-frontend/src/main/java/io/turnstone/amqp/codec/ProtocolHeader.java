package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;
import java.util.Set;

/** The eight bytes that open each layer of a connection (part 2, section 2.2): what is spoken after them. */
public enum ProtocolHeader {
    /** AMQP 1.0.0 frames. */
    AMQP(0, "comes without SASL, which is needed here"),
    /** A TLS handshake in the same connection, then another header. */
    TLS(2, "asks for TLS within AMQP, which this port does not offer: use amqps, or give its tls an 'upgrade'"),
    /** SASL frames, then another header. */
    SASL(3, "asks for SASL a second time"),
    /** What most clients of other brokers speak. */
    AMQP_0_9_1(-1, "speaks AMQP 0-9-1; Turnstone speaks AMQP 1.0: use a client library for AMQP 1.0"),
    /** The other versions there were. */
    OTHER_AMQP(-1, "speaks another version of AMQP; Turnstone speaks AMQP 1.0"),
    /** The first bytes of TLS. */
    CLIENT_HELLO(-1, "speaks TLS on the plain port; use amqps, or amqp without TLS here"),
    /** The first bytes of a request. */
    HTTP(-1, "speaks HTTP; this port speaks AMQP 1.0"),
    /** Anything else. */
    UNKNOWN(-1, "speaks no protocol that is known here; this port speaks AMQP 1.0");

    /** Length in bytes. */
    public static final int LENGTH = 8;

    private static final int MAGIC = 'A' << 24 | 'M' << 16 | 'Q' << 8 | 'P';
    private static final int VERSION = 1 << 16;

    private static final int REST_0_9_1 = 0x0901;
    private static final int CLIENT_HELLO_START = 0x1603; // a handshake record of TLS 1.x
    private static final Set<Integer> HTTP_STARTS = Set.of(
            ascii("GET "), ascii("HEAD"), ascii("POST"), ascii("PUT "), ascii("OPTI"), ascii("CONN"), ascii("PRI "));

    private final int id;
    private final String complaint;

    ProtocolHeader(int id, String complaint) {
        this.id = id;
        this.complaint = complaint;
    }

    /** What a peer does with this header where it is not accepted: continues "the peer". */
    public String complaint() {
        return complaint;
    }

    /** Takes eight bytes. */
    static ProtocolHeader read(ByteBuffer bytes) {
        int magic = bytes.getInt();
        int rest = bytes.getInt();
        if (magic == MAGIC) {
            for (ProtocolHeader header : values()) {
                if (header.id >= 0 && rest == header.rest()) {
                    return header;
                }
            }
            return rest == REST_0_9_1 ? AMQP_0_9_1 : OTHER_AMQP;
        }
        if (magic >>> 16 == CLIENT_HELLO_START) {
            return CLIENT_HELLO;
        }
        return HTTP_STARTS.contains(magic) ? HTTP : UNKNOWN;
    }

    private static int ascii(String four) {
        return four.charAt(0) << 24 | four.charAt(1) << 16 | four.charAt(2) << 8 | four.charAt(3);
    }

    /** Puts the eight bytes of one that is spoken here. */
    public void write(ByteBuffer out) {
        assert id >= 0;
        out.putInt(MAGIC).putInt(rest());
    }

    private int rest() {
        return id << 24 | VERSION;
    }
}
