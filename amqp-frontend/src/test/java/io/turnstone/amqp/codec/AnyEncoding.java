package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;

/** Writes values in any of the encodings that AMQP allows for them, chosen by a seed. */
final class AnyEncoding {

    private final Random random;
    private final ByteBuffer out = ByteBuffer.allocate(64 * 1024);

    AnyEncoding(Random random) {
        this.random = random;
    }

    /** A described list; trailing nulls may be left away. */
    ByteBuffer list(int code, String symbol, List<?> fields) {
        out.clear();
        described(code, symbol, fields);
        return out.flip();
    }

    /** A described list as a field of another. */
    record Described(int code, String symbol, List<?> fields) {}

    private void described(int code, String symbol, List<?> fields) {
        out.put((byte) 0);
        switch (random.nextInt(4)) {
            case 0 -> out.put((byte) 0x80).putLong(code);
            case 1 -> text(0xa3, symbol);
            case 2 -> text(0xb3, symbol);
            default -> out.put((byte) 0x53).put((byte) code);
        }
        int count = fields.size();
        while (count > 0 && fields.get(count - 1) == null && random.nextInt(4) != 0) {
            count--;
        }
        if (count == 0 && random.nextBoolean()) {
            out.put((byte) 0x45);
            return;
        }
        int at = out.position();
        out.position(at + 9);
        for (int i = 0; i < count; i++) {
            value(fields.get(i));
        }
        int size = out.position() - at - 9;
        if (size < 255 && random.nextBoolean()) {
            out.put(at, (byte) 0xc0).put(at + 1, (byte) (size + 1)).put(at + 2, (byte) count);
            System.arraycopy(out.array(), at + 9, out.array(), at + 3, size);
            out.position(at + 3 + size);
        } else {
            out.put(at, (byte) 0xd0).putInt(at + 1, size + 4).putInt(at + 5, count);
        }
    }

    private void value(Object value) {
        if (value == null) {
            out.put((byte) 0x40);
        } else if (value instanceof Described described) {
            described(described.code(), described.symbol(), described.fields());
        } else if (value instanceof UnsignedInteger uint) {
            uint(uint.intValue());
        } else if (value instanceof UnsignedByte ubyte) {
            out.put((byte) 0x50).put(ubyte.byteValue());
        } else if (value instanceof Boolean bool) {
            if (random.nextBoolean()) {
                out.put((byte) (bool ? 0x41 : 0x42));
            } else {
                out.put((byte) 0x56).put((byte) (bool ? 1 : 0));
            }
        } else if (value instanceof Symbol symbol) {
            text(random.nextBoolean() ? 0xa3 : 0xb3, symbol.toString());
        } else if (value instanceof byte[] bytes) {
            if (random.nextBoolean()) {
                out.put((byte) 0xa0).put((byte) bytes.length).put(bytes);
            } else {
                out.put((byte) 0xb0).putInt(bytes.length).put(bytes);
            }
        } else {
            out.put(Proton.encode(value));
        }
    }

    private void uint(int value) {
        if (value == 0 && random.nextBoolean()) {
            out.put((byte) 0x43);
        } else if (value >= 0 && value < 256 && random.nextBoolean()) {
            out.put((byte) 0x52).put((byte) value);
        } else {
            out.put((byte) 0x70).putInt(value);
        }
    }

    private void text(int code, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        out.put((byte) code);
        if (code >= 0xb0) {
            out.putInt(bytes.length);
        } else {
            out.put((byte) bytes.length);
        }
        out.put(bytes);
    }
}
