package io.turnstone.amqp.filter;

import io.turnstone.amqp.codec.Encodings;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value while an expression is evaluated: a register that is written again for each message, so that no number and no
 * text of a message is boxed or copied. Owned by its {@link Evaluation},
 * or never written again.
 */
final class Value {

    /** What it holds. */
    enum Kind {
        /** Nothing: null, or unknown. */
        NOTHING,
        TRUTH,
        /** A whole number of 64 bits with a sign. */
        EXACT,
        /** A whole number beyond that. */
        BIG,
        APPROXIMATE,
        /** Strings and symbols in UTF-8, binaries, and UUIDs as they are written. */
        TEXT,
        /** Something there is no literal for: a list, a map, an array, a decimal or described value. */
        OTHER
    }

    private static final byte[] NO_BYTES = {};
    private static final BigInteger NO_NUMBER = BigInteger.ZERO;

    private Kind kind = Kind.NOTHING;
    private long exact;
    private double approximate;
    private BigInteger big = NO_NUMBER;
    private byte[] bytes = NO_BYTES;
    private int from;
    private int length;

    Kind kind() {
        return kind;
    }

    boolean nothing() {
        return kind == Kind.NOTHING;
    }

    boolean number() {
        return kind == Kind.EXACT || kind == Kind.APPROXIMATE || kind == Kind.BIG;
    }

    boolean truth() {
        return exact != 0;
    }

    long exact() {
        return exact;
    }

    double approximate() {
        return switch (kind) {
            case EXACT -> exact;
            case BIG -> big.doubleValue();
            default -> approximate;
        };
    }

    BigInteger big() {
        return kind == Kind.BIG ? big : BigInteger.valueOf(exact);
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int length() {
        return length;
    }

    void clear() {
        kind = Kind.NOTHING;
    }

    /** Lets go of what it refers to. */
    void forget() {
        kind = Kind.NOTHING;
        bytes = NO_BYTES;
    }

    void truth(boolean value) {
        kind = Kind.TRUTH;
        exact = value ? 1 : 0;
    }

    void exact(long value) {
        kind = Kind.EXACT;
        exact = value;
    }

    void exact(BigInteger value) {
        if (value.bitLength() < Long.SIZE) {
            exact(value.longValue());
        } else {
            kind = Kind.BIG;
            big = value;
        }
    }

    void approximate(double value) {
        kind = Kind.APPROXIMATE;
        approximate = value;
    }

    void text(String value) {
        text(value.getBytes(StandardCharsets.UTF_8));
    }

    void text(byte[] value) {
        text(value, 0, value.length);
    }

    void text(byte[] array, int offset, int size) {
        kind = Kind.TEXT;
        bytes = array;
        from = offset;
        length = size;
    }

    void set(Value other) {
        kind = other.kind;
        exact = other.exact;
        approximate = other.approximate;
        big = other.big;
        bytes = other.bytes;
        from = other.from;
        length = other.length;
    }

    /** A value as the api shows it. */
    void set(@Nullable Object value) {
        if (value == null) {
            clear();
        } else if (value instanceof String || value instanceof UUID || value instanceof Character) {
            text(value.toString());
        } else if (value instanceof byte[] binary) {
            text(binary);
        } else if (value instanceof Boolean truth) {
            truth(truth);
        } else if (value instanceof BigInteger number) {
            exact(number);
        } else if (value instanceof Double || value instanceof Float) {
            approximate(((Number) value).doubleValue());
        } else if (value instanceof Number number) {
            exact(number.longValue());
        } else {
            kind = Kind.OTHER;
        }
    }

    /** Takes one encoded value, the structure of which has been checked; a text stays where it is. */
    void read(ByteBuffer encoded) {
        int code = Encodings.peek(encoded);
        if (code == Encodings.DESCRIBED) {
            Encodings.skipShallow(encoded);
            kind = Kind.OTHER;
            return;
        }
        int size = (int) Encodings.enter(encoded);
        int at = encoded.position();
        switch (code) {
            case Encodings.NULL -> clear();
            case Encodings.TRUE, Encodings.FALSE -> truth(code == Encodings.TRUE);
            case Encodings.BOOLEAN -> truth(encoded.get(at) != 0);
            case Encodings.UINT0, Encodings.ULONG0 -> exact(0);
            case Encodings.UBYTE, Encodings.SMALL_UINT, Encodings.SMALL_ULONG -> exact(encoded.get(at) & 0xff);
            case Encodings.BYTE, Encodings.SMALL_INT, Encodings.SMALL_LONG -> exact(encoded.get(at));
            case Encodings.USHORT -> exact(encoded.getShort(at) & 0xffff);
            case Encodings.SHORT -> exact(encoded.getShort(at));
            case Encodings.UINT -> exact(Integer.toUnsignedLong(encoded.getInt(at)));
            case Encodings.INT -> exact(encoded.getInt(at));
            case Encodings.ULONG -> unsigned(encoded.getLong(at));
            case Encodings.LONG, Encodings.TIMESTAMP -> exact(encoded.getLong(at));
            case Encodings.FLOAT -> approximate(encoded.getFloat(at));
            case Encodings.DOUBLE -> approximate(encoded.getDouble(at));
            case Encodings.CHAR -> character(encoded.getInt(at));
            case Encodings.UUID -> text(new UUID(encoded.getLong(at), encoded.getLong(at + Long.BYTES)).toString());
            case Encodings.BINARY8,
                    Encodings.BINARY32,
                    Encodings.STRING8,
                    Encodings.STRING32,
                    Encodings.SYMBOL8,
                    Encodings.SYMBOL32 -> text(encoded.array(), encoded.arrayOffset() + at, size);
            default -> kind = Kind.OTHER;
        }
        encoded.position(at + size);
    }

    private void character(int codePoint) {
        text(Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : "");
    }

    private void unsigned(long value) {
        if (value >= 0) {
            exact(value);
        } else {
            exact(new BigInteger(Long.toUnsignedString(value)));
        }
    }

    /** A message-id or correlation-id as JMS shows it: those that are not strings with a prefix that says so. */
    void readId(ByteBuffer encoded, boolean messageId) {
        int code = Encodings.peek(encoded);
        read(encoded);
        switch (code) {
            case Encodings.BINARY8, Encodings.BINARY32 -> text("ID:AMQP_BINARY:" + hex());
            case Encodings.UUID -> text("ID:AMQP_UUID:" + string());
            case Encodings.ULONG0, Encodings.SMALL_ULONG, Encodings.ULONG -> text("ID:AMQP_ULONG:" + big());
            default -> {
                if (kind == Kind.TEXT) {
                    prefix(messageId);
                }
            }
        }
    }

    private void prefix(boolean messageId) {
        String id = string();
        boolean encodedType = id.startsWith("ID:AMQP_BINARY:")
                || id.startsWith("ID:AMQP_UUID:")
                || id.startsWith("ID:AMQP_ULONG:")
                || id.startsWith("ID:AMQP_STRING:")
                || id.startsWith("ID:AMQP_NO_PREFIX:");
        if (encodedType) {
            text("ID:AMQP_STRING:" + id);
        } else if (messageId && !id.startsWith("ID:")) {
            text("ID:AMQP_NO_PREFIX:" + id);
        }
    }

    private String hex() {
        var hex = new StringBuilder(2 * length);
        for (int i = 0; i < length; i++) {
            hex.append(String.format(Locale.ROOT, "%02X", bytes[from + i]));
        }
        return hex.toString();
    }

    /** It as an object that equals that of any value it compares as equal to; null for nothing and for what has none. */
    @Nullable
    Object comparable() {
        return switch (kind) {
            case NOTHING, OTHER -> null;
            case TRUTH -> truth();
            case EXACT -> exact;
            case BIG -> big;
            case TEXT -> string();
            case APPROXIMATE -> approximateComparable();
        };
    }

    private Object approximateComparable() {
        if (approximate != Math.rint(approximate) || Double.isInfinite(approximate)) {
            return approximate;
        }
        BigInteger whole = new BigDecimal(approximate).toBigInteger();
        return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
    }

    String string() {
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
}
