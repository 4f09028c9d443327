package io.turnstone.router.queue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link PackedWriter} wrote. Every method throws {@link IllegalArgumentException}, naming the place, when the
 * bytes are something else. Used by one thread.
 */
@SuppressWarnings("JavaUtilDate") // what codecs decode a timestamp to
final class PackedReader {

    private final byte[] bytes;
    private int at;
    private int depth;

    PackedReader(byte[] bytes) {
        this.bytes = bytes;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + " at byte " + at + " of " + bytes.length);
    }

    int octet() {
        if (at == bytes.length) {
            throw wrong("overlay ends early");
        }
        return bytes[at++] & 0xff;
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int octet = octet();
            value |= (long) (octet & 0x7f) << shift;
            if (octet < 0x80) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw wrong("overlay has a number of more than 64 bits");
    }

    /** A number of things that take a byte each at least. */
    int count() {
        long count = number();
        if (count < 0 || count > bytes.length - at) {
            throw wrong("overlay has an impossible count of " + count);
        }
        return (int) count;
    }

    private byte[] blob() {
        int length = count();
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    String text() {
        return new String(blob(), StandardCharsets.UTF_8);
    }

    Map<@Nullable Object, @Nullable Object> map() {
        int count = count();
        Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            values.put(value(), value());
        }
        return values;
    }

    private List<@Nullable Object> list() {
        int count = count();
        List<@Nullable Object> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value());
        }
        return values;
    }

    @Nullable
    Object value() {
        int tag = octet();
        if (depth > PackedWriter.MAX_DEPTH) {
            throw wrong("overlay is nested too deep");
        }
        return switch (tag) {
            case PackedWriter.NULL -> null;
            case PackedWriter.TRUE -> true;
            case PackedWriter.FALSE -> false;
            case PackedWriter.BYTE -> (byte) number();
            case PackedWriter.SHORT -> (short) number();
            case PackedWriter.INT -> (int) number();
            case PackedWriter.LONG -> number();
            case PackedWriter.FLOAT -> Float.intBitsToFloat((int) number());
            case PackedWriter.DOUBLE -> Double.longBitsToDouble(number());
            case PackedWriter.TEXT -> text();
            case PackedWriter.UUID_BITS -> new UUID(number(), number());
            case PackedWriter.BYTES -> blob();
            case PackedWriter.DATE -> new Date(number());
            case PackedWriter.CHARACTER -> (char) number();
            case PackedWriter.LIST, PackedWriter.MAP -> nested(tag);
            default -> throw wrong("overlay has a value of unknown type " + tag);
        };
    }

    private Object nested(int tag) {
        depth++;
        Object value = tag == PackedWriter.LIST ? list() : map();
        depth--;
        return value;
    }

    /** There must be nothing left. */
    void end() {
        if (at != bytes.length) {
            throw wrong("overlay has more bytes than it should");
        }
    }
}
