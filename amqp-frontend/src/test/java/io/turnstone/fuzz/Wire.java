package io.turnstone.fuzz;

import io.turnstone.api.Choices;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.jspecify.annotations.Nullable;

/**
 * Writes AMQP values in any encoding they may have and, if it is told how often, wrong: other types, fields missing or
 * too many, counts and sizes beyond all bounds, descriptors within descriptors. Used by one thread.
 */
public final class Wire {

    /** A value with a descriptor: a code, or anything else. */
    public record Described(
            @Nullable Object descriptor, @Nullable Object value) {
        /** One of the protocol's own. */
        public static Described list(long code, @Nullable Object... fields) {
            return new Described(UnsignedLong.valueOf(code), Arrays.asList(fields));
        }
    }

    /** A uint of these bits. */
    public static UnsignedInteger uint(long value) {
        return UnsignedInteger.valueOf((int) value);
    }

    private static final int ROOM = 96 * 1024;
    private static final int DEEPEST = 3_000;

    private final Choices choices;
    private final Choices.Rarely wrong;

    private final ByteBuffer out = ByteBuffer.allocate(ROOM);

    /** @param wrong of so many values one is written wrong; 0 for none */
    public Wire(Choices choices, int wrong) {
        this.choices = choices;
        this.wrong = choices.rarely(wrong);
    }

    /** A frame around a performative, which may be followed by anything. */
    public byte[] frame(int type, int channel, @Nullable Object body, byte... payload) {
        out.clear();
        out.putInt(0).put((byte) 2).put((byte) type).putShort((short) channel);
        if (body != null) {
            value(body);
        }
        if (out.remaining() >= payload.length) {
            out.put(payload);
        }
        int size = out.position();
        if (bad()) {
            size += choices.nextInt(16) - 8;
        }
        out.putInt(0, size);
        if (bad()) {
            out.put(4 + choices.nextInt(4), (byte) choices.nextInt(256));
        }
        return end();
    }

    /** Values one after another. */
    public byte[] values(@Nullable Object... values) {
        out.clear();
        for (Object each : values) {
            value(each);
        }
        return end();
    }

    private byte[] end() {
        return Arrays.copyOf(out.array(), out.position());
    }

    private boolean bad() {
        return wrong.now();
    }

    private void value(@Nullable Object value) {
        if (out.remaining() < ROOM / 3) {
            out.put((byte) 0x40);
        } else if (bad()) {
            another(value);
        } else {
            right(value);
        }
    }

    private void right(@Nullable Object value) {
        if (value == null) {
            out.put((byte) 0x40);
        } else if (value instanceof Described described) {
            out.put((byte) 0);
            value(described.descriptor());
            value(described.value());
        } else if (value instanceof List<?> list) {
            compound(0xc0, list.toArray());
        } else if (value instanceof Map<?, ?> map) {
            compound(
                    0xc1,
                    map.entrySet().stream()
                            .flatMap(entry -> Arrays.asList(entry.getKey(), entry.getValue()).stream())
                            .toArray());
        } else if (value instanceof Symbol[] symbols) {
            array(symbols);
        } else if (value instanceof Symbol symbol) {
            bytes(0xa3, symbol.toString().getBytes(StandardCharsets.US_ASCII));
        } else if (value instanceof String text) {
            bytes(0xa1, text.getBytes(StandardCharsets.UTF_8));
        } else if (value instanceof byte[] binary) {
            bytes(0xa0, binary);
        } else {
            scalar(value);
        }
    }

    private void scalar(Object value) {
        if (value instanceof Boolean bool) {
            if (choices.nextBoolean()) {
                out.put((byte) 0x56).put((byte) (bool ? 1 : 0));
            } else {
                out.put((byte) (bool ? 0x41 : 0x42));
            }
        } else if (value instanceof UnsignedInteger uint) {
            small(uint.intValue() >= 0 ? uint.intValue() : -1, 0x43, 0x52, 0x70, 4, uint.longValue());
        } else if (value instanceof UnsignedLong ulong) {
            small(ulong.longValue(), 0x44, 0x53, 0x80, 8, ulong.longValue());
        } else if (value instanceof UnsignedByte ubyte) {
            out.put((byte) 0x50).put(ubyte.byteValue());
        } else if (value instanceof UnsignedShort ushort) {
            out.put((byte) 0x60).putShort(ushort.shortValue());
        } else if (value instanceof Integer number) {
            out.put((byte) 0x71).putInt(number);
        } else if (value instanceof Long number) {
            out.put((byte) 0x81).putLong(number);
        } else if (value instanceof Instant moment) {
            out.put((byte) 0x83).putLong(moment.toEpochMilli());
        } else if (value instanceof UUID id) {
            out.put((byte) 0x98).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        } else if (value instanceof Double number) {
            out.put((byte) 0x82).putDouble(number);
        } else {
            throw new IllegalArgumentException("no encoding for " + value.getClass());
        }
    }

    private void small(long value, int zero, int small, int full, int width, long whole) {
        if (value == 0 && !choices.nextBoolean()) {
            out.put((byte) zero);
        } else if (value >= 0 && value < 256 && !choices.nextBoolean()) {
            out.put((byte) small).put((byte) value);
        } else if (width == 4) {
            out.put((byte) full).putInt((int) whole);
        } else {
            out.put((byte) full).putLong(whole);
        }
    }

    private void bytes(int code, byte[] bytes) {
        if (bytes.length < 256 && !choices.nextBoolean()) {
            out.put((byte) code).put((byte) bytes.length);
        } else {
            out.put((byte) (code + 0x10)).putInt(bytes.length);
        }
        out.put(bytes, 0, Math.min(bytes.length, out.remaining()));
    }

    private void array(Symbol... symbols) {
        int at = out.position();
        out.put((byte) 0xf0).putInt(0).putInt(symbols.length).put((byte) 0xa3);
        for (Symbol each : symbols) {
            byte[] bytes = each.toString().getBytes(StandardCharsets.US_ASCII);
            out.put((byte) bytes.length).put(bytes);
        }
        out.putInt(at + 1, out.position() - at - 5);
    }

    private void compound(int code, @Nullable Object... elements) {
        int count = elements.length;
        while (code == 0xc0 && count > 0 && elements[count - 1] == null && !choices.oneIn(4)) {
            count--;
        }
        if (bad()) {
            count = choices.nextInt(count + 1);
        }
        if (count == 0 && code == 0xc0 && choices.nextBoolean()) {
            out.put((byte) 0x45);
            return;
        }
        int at = out.position();
        out.put((byte) (code + 0x10)).putInt(0).putInt(count);
        for (int i = 0; i < count; i++) {
            value(elements[i]);
        }
        if (bad()) {
            value(junk());
            out.putInt(at + 5, count + 1);
        }
        int size = out.position() - at - 5;
        if (bad()) {
            out.putInt(at + choices.of(1, 5), choices.of(0, 1, 0x7fff_ffff, -1, 0x1000_0000, size + 1, size - 1));
        } else if (size - 3 < 256 && count < 256 && !choices.nextBoolean()) {
            System.arraycopy(out.array(), at + 9, out.array(), at + 3, size - 4);
            out.put(at, (byte) code).put(at + 1, (byte) (size - 3)).put(at + 2, (byte) count);
            out.position(at + size - 1);
        } else {
            out.putInt(at + 1, size);
        }
    }

    /** Something else than was meant. */
    private void another(@Nullable Object meant) {
        switch (choices.nextInt(8)) {
            case 0 -> out.put((byte) 0x40);
            case 1 -> right(junk());
            case 2 -> nested();
            case 3 -> {
                out.put(choices.of(0xd0, 0xd1, 0xf0, 0xb0, 0xb1, 0xb3).byteValue())
                        .putInt(choices.of(0x7fff_ffff, -1, 0x0010_0000, 4, 8, 0))
                        .putInt(choices.of(0x7fff_ffff, -1, 0x0010_0000, 0));
            }
            case 4 -> out.put((byte) choices.nextInt(256));
            case 5 -> {
                right(meant);
                right(meant);
            }
            case 6 -> right(new Described(junk(), meant));
            default -> {
                int at = out.position();
                right(meant);
                if (out.position() > at) {
                    out.put(at + choices.nextInt(out.position() - at), (byte) choices.nextInt(256));
                }
            }
        }
    }

    /** Any value of the right form. */
    private @Nullable Object junk() {
        return switch (choices.nextInt(12)) {
            case 0 -> UnsignedInteger.valueOf(choices.nextInt());
            case 1 -> UnsignedLong.valueOf(choices.of(0L, 0x10L, 0x24L, 0x70L, 0x75L, 0x77L, -1L));
            case 2 -> "text " + choices.nextInt(9);
            case 3 -> Symbol.valueOf(choices.of("", "amqp:accepted:list", "x-opt-a", "x".repeat(300)));
            case 4 -> new byte[choices.nextInt(600)];
            case 5 -> List.of(true, "x");
            case 6 -> Map.of(Symbol.valueOf("k"), "v", "n", 1);
            case 7 -> new Symbol[] {Symbol.valueOf("a"), Symbol.valueOf("b")};
            case 8 -> choices.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE);
            case 9 -> new UUID(1, 2);
            case 10 -> Described.list(choices.of(0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x30, 0x31, 0x34));
            default -> choices.nextInt();
        };
    }

    private void nested() {
        int depth = choices.nextInt(DEEPEST);
        int code = choices.of(0, 0xc0, 0xd0);
        for (int i = 0; i < depth && out.remaining() > ROOM / 3; i++) {
            if (code == 0) {
                out.put((byte) 0);
            } else if (code == 0xc0) {
                out.put((byte) 0xc0).put((byte) 255).put((byte) 1);
            } else {
                out.put((byte) 0xd0).putInt(9 * (depth - i)).putInt(1);
            }
        }
        out.put((byte) 0x40);
    }
}
