package io.turnstone.router.topology;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Arguments as bytes: JDK types behind a tag, maps with their keys in order so that equal maps have equal bytes. Pure,
 * any thread.
 */
final class ValueCodec {

    private static final int MAX_DEPTH = 16;
    private static final int MAX_BYTES = 64 * 1024;

    private ValueCodec() {}

    static void writeText(DataOutputStream out, String text) throws IOException {
        writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    static String readText(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a value of " + bytes.length + " bytes is longer than " + MAX_BYTES + " bytes");
        }
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("a value of " + length + " bytes");
        }
        return in.readNBytes(length);
    }

    static void writeMap(DataOutputStream out, Map<String, Object> map) throws IOException {
        writeMap(out, map, 0);
    }

    private static void writeMap(DataOutputStream out, Map<?, ?> map, int depth) throws IOException {
        var sorted = new TreeMap<String, Object>();
        map.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("argument key '" + key + "' must be a string");
            }
            sorted.put(name, value);
        });
        out.writeInt(sorted.size());
        for (var entry : sorted.entrySet()) {
            writeText(out, entry.getKey());
            write(out, entry.getKey(), entry.getValue(), depth + 1);
        }
    }

    static Map<String, Object> readMap(DataInputStream in) throws IOException {
        int size = in.readInt();
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < size; i++) {
            String key = readText(in);
            map.put(key, read(in));
        }
        return map;
    }

    private static void write(DataOutputStream out, String name, Object value, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("argument '" + name + "' is nested deeper than " + MAX_DEPTH);
        }
        if (value instanceof Map<?, ?> map) {
            out.writeByte('M');
            writeMap(out, map, depth);
        } else if (value instanceof List<?> list) {
            out.writeByte('L');
            out.writeInt(list.size());
            for (Object element : list) {
                write(out, name, element, depth + 1);
            }
        } else if (value instanceof Number number) {
            writeNumber(out, name, number);
        } else {
            writeScalar(out, name, value);
        }
    }

    private static void writeNumber(DataOutputStream out, String name, Number number) throws IOException {
        if (number instanceof Byte) {
            out.writeByte('b');
            out.writeByte(number.byteValue());
        } else if (number instanceof Short) {
            out.writeByte('s');
            out.writeShort(number.shortValue());
        } else if (number instanceof Integer) {
            out.writeByte('i');
            out.writeInt(number.intValue());
        } else if (number instanceof Long) {
            out.writeByte('l');
            out.writeLong(number.longValue());
        } else if (number instanceof Float) {
            out.writeByte('f');
            out.writeFloat(number.floatValue());
        } else if (number instanceof Double) {
            out.writeByte('d');
            out.writeDouble(number.doubleValue());
        } else if (number instanceof BigInteger || number instanceof BigDecimal) {
            out.writeByte(number instanceof BigInteger ? 'I' : 'D');
            writeText(out, number.toString());
        } else {
            throw unknown(name, number);
        }
    }

    @SuppressWarnings("JavaUtilDate") // as in read
    private static void writeScalar(DataOutputStream out, String name, Object value) throws IOException {
        if (value instanceof String text) {
            out.writeByte('S');
            writeText(out, text);
        } else if (value instanceof Boolean truth) {
            out.writeByte(truth ? 'T' : 'F');
        } else if (value instanceof byte[] bytes) {
            out.writeByte('B');
            writeBytes(out, bytes);
        } else if (value instanceof UUID uuid) {
            out.writeByte('U');
            out.writeLong(uuid.getMostSignificantBits());
            out.writeLong(uuid.getLeastSignificantBits());
        } else if (value instanceof Date || value instanceof Instant) {
            out.writeByte(value instanceof Date ? 't' : 'n');
            out.writeLong(value instanceof Date date ? date.getTime() : ((Instant) value).toEpochMilli());
        } else if (value instanceof Character character) {
            out.writeByte('c');
            out.writeChar(character);
        } else {
            throw unknown(name, value);
        }
    }

    private static IllegalArgumentException unknown(String name, Object value) {
        return new IllegalArgumentException(
                "argument '" + name + "' is of type " + value.getClass().getName() + ", which cannot be kept");
    }

    @SuppressWarnings("JavaUtilDate") // what clients send is given back as the type they sent
    private static Object read(DataInputStream in) throws IOException {
        int tag = in.readByte();
        return switch (tag) {
            case 'M' -> readMap(in);
            case 'L' -> readList(in);
            case 'S' -> readText(in);
            case 'T' -> true;
            case 'F' -> false;
            case 'B' -> readBytes(in);
            case 'U' -> new UUID(in.readLong(), in.readLong());
            case 't' -> new Date(in.readLong());
            case 'n' -> Instant.ofEpochMilli(in.readLong());
            case 'c' -> in.readChar();
            default -> readNumber(in, tag);
        };
    }

    private static List<Object> readList(DataInputStream in) throws IOException {
        int size = in.readInt();
        var list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(read(in));
        }
        return list;
    }

    private static Object readNumber(DataInputStream in, int tag) throws IOException {
        return switch (tag) {
            case 'b' -> in.readByte();
            case 's' -> in.readShort();
            case 'i' -> in.readInt();
            case 'l' -> in.readLong();
            case 'f' -> in.readFloat();
            case 'd' -> in.readDouble();
            case 'I' -> new BigInteger(readText(in));
            case 'D' -> new BigDecimal(readText(in));
            default -> throw new IOException("no value has the tag " + tag);
        };
    }
}
