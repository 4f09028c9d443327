package io.turnstone.amqp.codec;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.jspecify.annotations.Nullable;

/**
 * AMQP's values as the api shows them, in JDK types, and back.
 *
 * <p>Booleans, strings, UUIDs and signed numbers are themselves. Unsigned numbers become the next larger: ubyte and
 * ushort an Integer, uint a Long, ulong a Long or, beyond 2^63-1, a BigInteger. Symbols and chars become strings,
 * binaries byte[], timestamps a Long of milliseconds since the epoch, arrays lists. Decimal numbers and described
 * values have no counterpart and are left out.
 */
@SuppressWarnings("JavaUtilDate") // Proton-J's type for a timestamp
public final class JdkValues {

    private JdkValues() {}

    /** An AMQP value as a JDK type, or null for null and for what has no counterpart. */
    public static @Nullable Object of(@Nullable Object value) {
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof UUID) {
            return value;
        }
        if (value instanceof Number number) {
            return ofNumber(number);
        }
        if (value instanceof Symbol || value instanceof Character) {
            return value.toString();
        }
        if (value instanceof Date date) {
            return date.getTime();
        }
        if (value instanceof Binary binary) {
            var bytes = new byte[binary.getLength()];
            System.arraycopy(binary.getArray(), binary.getArrayOffset(), bytes, 0, bytes.length);
            return bytes;
        }
        if (value instanceof Map<?, ?> map) {
            return ofMap(map);
        }
        if (value instanceof List<?> list) {
            return ofList(list);
        }
        return value.getClass().isArray() ? ofArray(value) : null;
    }

    /** Annotations a peer sent, by name; those with a number for a name are left out. */
    public static Map<String, Object> annotations(@Nullable Map<?, ?> annotations) {
        return annotations == null ? Map.of() : ofMap(annotations);
    }

    /** A JDK value as Proton-J encodes it; of a type that has no counterpart in AMQP, its text. */
    public static @Nullable Object toAmqp(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return new Binary(bytes);
        }
        if (value instanceof Instant instant) {
            return Date.from(instant);
        }
        if (value instanceof BigInteger big && big.signum() >= 0 && big.bitLength() <= Long.SIZE) {
            return new UnsignedLong(big.longValue());
        }
        if (value instanceof Map<?, ?> map) {
            var encodable = new LinkedHashMap<Object, Object>();
            map.forEach((key, element) -> encodable.put(toAmqp(key), toAmqp(element)));
            return encodable;
        }
        if (value instanceof Collection<?> collection) {
            var encodable = new ArrayList<Object>(collection.size());
            collection.forEach(element -> encodable.add(toAmqp(element)));
            return encodable;
        }
        return value == null || isPlain(value) ? value : value.toString();
    }

    private static @Nullable Number ofNumber(Number number) {
        if (number instanceof UnsignedByte || number instanceof UnsignedShort) {
            return number.intValue();
        }
        if (number instanceof UnsignedInteger) {
            return number.longValue();
        }
        if (number instanceof UnsignedLong unsigned) {
            return unsigned.longValue() >= 0 ? (Number) unsigned.longValue() : unsigned.bigIntegerValue();
        }
        return isPlain(number) ? number : null;
    }

    /** Whether it is the same on both sides. */
    private static boolean isPlain(Object value) {
        return value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof Float
                || value instanceof Short
                || value instanceof Byte
                || value instanceof Character
                || value instanceof UUID
                || value instanceof Date;
    }

    private static Map<String, Object> ofMap(Map<?, ?> map) {
        var found = new HashMap<String, Object>();
        map.forEach((key, value) -> {
            Object jdk = of(value);
            if (jdk != null && (key instanceof String || key instanceof Symbol)) {
                found.put(key.toString(), jdk);
            }
        });
        return found;
    }

    private static List<Object> ofList(List<?> list) {
        var found = new ArrayList<Object>(list.size());
        for (Object element : list) {
            Object jdk = of(element);
            if (jdk != null) {
                found.add(jdk);
            }
        }
        return found;
    }

    private static List<Object> ofArray(Object array) {
        int length = Array.getLength(array);
        var found = new ArrayList<Object>(length);
        for (int i = 0; i < length; i++) {
            Object jdk = of(Array.get(array, i));
            if (jdk != null) {
                found.add(jdk);
            }
        }
        return found;
    }
}
