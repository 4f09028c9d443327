package io.turnstone.router.queue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes small values compactly; {@link PackedReader} reads them back. Used by one thread. */
@SuppressWarnings("JavaUtilDate") // what codecs decode a timestamp to
final class PackedWriter {

    static final int NULL = 0;
    static final int TRUE = 1;
    static final int FALSE = 2;
    static final int BYTE = 3;
    static final int SHORT = 4;
    static final int INT = 5;
    static final int LONG = 6;
    static final int FLOAT = 7;
    static final int DOUBLE = 8;
    static final int TEXT = 9;
    static final int UUID_BITS = 10;
    static final int BYTES = 11;
    static final int DATE = 12;
    static final int CHARACTER = 13;
    static final int LIST = 14;
    static final int MAP = 15;

    /** Values nested deeper are written as their text. */
    static final int MAX_DEPTH = 16;

    private byte[] bytes;
    private int size;
    private int depth;

    PackedWriter(int capacity) {
        bytes = new byte[capacity];
    }

    byte[] toBytes() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    void octet(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size + 16);
        }
        bytes[size++] = (byte) value;
    }

    /** Seven bits per byte, lowest first; small numbers and small negative ones are short. */
    void number(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            octet(((int) rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        octet((int) rest);
    }

    void text(String value) {
        blob(value.getBytes(StandardCharsets.UTF_8));
    }

    private void blob(byte[] value) {
        number(value.length);
        if (bytes.length - size < value.length) {
            bytes = Arrays.copyOf(bytes, 2 * size + value.length);
        }
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    void map(Map<?, ?> values) {
        number(values.size());
        for (var entry : values.entrySet()) {
            value(entry.getKey());
            value(entry.getValue());
        }
    }

    /** A JDK type with its tag; what is of no type known here is written as its text. */
    void value(@Nullable Object value) {
        if (value == null) {
            octet(NULL);
        } else if (value instanceof Boolean bool) {
            octet(bool ? TRUE : FALSE);
        } else if (value instanceof Number number) {
            number(number);
        } else if (value instanceof UUID uuid) {
            octet(UUID_BITS);
            number(uuid.getMostSignificantBits());
            number(uuid.getLeastSignificantBits());
        } else if (value instanceof byte[] blob) {
            octet(BYTES);
            blob(blob);
        } else if (value instanceof Date date) {
            octet(DATE);
            number(date.getTime());
        } else if (value instanceof Character character) {
            octet(CHARACTER);
            number(character);
        } else if (value instanceof Collection<?> list && depth < MAX_DEPTH) {
            octet(LIST);
            depth++;
            number(list.size());
            list.forEach(this::value);
            depth--;
        } else if (value instanceof Map<?, ?> map && depth < MAX_DEPTH) {
            octet(MAP);
            depth++;
            map(map);
            depth--;
        } else {
            octet(TEXT);
            text(value.toString());
        }
    }

    private void number(Number value) {
        if (value instanceof Integer) {
            octet(INT);
            number(value.longValue());
        } else if (value instanceof Long) {
            octet(LONG);
            number(value.longValue());
        } else if (value instanceof Short) {
            octet(SHORT);
            number(value.longValue());
        } else if (value instanceof Byte) {
            octet(BYTE);
            number(value.longValue());
        } else if (value instanceof Float) {
            octet(FLOAT);
            number(Float.floatToRawIntBits(value.floatValue()));
        } else if (value instanceof Double) {
            octet(DOUBLE);
            number(Double.doubleToRawLongBits(value.doubleValue()));
        } else {
            octet(TEXT);
            text(value.toString());
        }
    }
}
