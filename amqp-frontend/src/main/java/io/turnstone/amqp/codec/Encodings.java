package io.turnstone.amqp.codec;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * AMQP's primitive encodings (part 1, section 1.6), read where they are. Every length is checked against the bytes
 * that are there before it is believed, so malformed input costs neither memory nor more than linear time. Any thread.
 *
 * <p>All methods read at the buffer's position up to its limit, and throw {@link MalformedException} or
 * {@link BufferUnderflowException}.
 */
public final class Encodings {

    public static final int DESCRIBED = 0x00;
    public static final int NULL = 0x40;
    public static final int TRUE = 0x41;
    public static final int FALSE = 0x42;
    public static final int UINT0 = 0x43;
    public static final int ULONG0 = 0x44;
    public static final int LIST0 = 0x45;
    public static final int UBYTE = 0x50;
    public static final int BYTE = 0x51;
    public static final int SMALL_UINT = 0x52;
    public static final int SMALL_ULONG = 0x53;
    public static final int SMALL_INT = 0x54;
    public static final int SMALL_LONG = 0x55;
    public static final int BOOLEAN = 0x56;
    public static final int USHORT = 0x60;
    public static final int SHORT = 0x61;
    public static final int UINT = 0x70;
    public static final int INT = 0x71;
    public static final int FLOAT = 0x72;
    public static final int CHAR = 0x73;
    static final int DECIMAL32 = 0x74;
    public static final int ULONG = 0x80;
    public static final int LONG = 0x81;
    public static final int DOUBLE = 0x82;
    public static final int TIMESTAMP = 0x83;
    static final int DECIMAL64 = 0x84;
    static final int DECIMAL128 = 0x94;
    public static final int UUID = 0x98;
    public static final int BINARY8 = 0xa0;
    public static final int STRING8 = 0xa1;
    public static final int SYMBOL8 = 0xa3;
    public static final int BINARY32 = 0xb0;
    public static final int STRING32 = 0xb1;
    public static final int SYMBOL32 = 0xb3;
    public static final int LIST8 = 0xc0;
    public static final int MAP8 = 0xc1;
    public static final int LIST32 = 0xd0;
    public static final int MAP32 = 0xd1;
    static final int ARRAY8 = 0xe0;
    static final int ARRAY32 = 0xf0;

    /** A descriptor that is none of the specification's. */
    static final long UNKNOWN = -1;

    /** How deep values may be nested. */
    static final int MAX_DEPTH = 32;

    private static final boolean[] VALID = new boolean[256];

    static {
        int[] codes = {
            NULL,
            TRUE,
            FALSE,
            UINT0,
            ULONG0,
            LIST0,
            UBYTE,
            BYTE,
            SMALL_UINT,
            SMALL_ULONG,
            SMALL_INT,
            SMALL_LONG,
            BOOLEAN,
            USHORT,
            SHORT,
            UINT,
            INT,
            FLOAT,
            CHAR,
            DECIMAL32,
            ULONG,
            LONG,
            DOUBLE,
            TIMESTAMP,
            DECIMAL64,
            DECIMAL128,
            UUID,
            BINARY8,
            STRING8,
            SYMBOL8,
            BINARY32,
            STRING32,
            SYMBOL32,
            LIST8,
            MAP8,
            LIST32,
            MAP32,
            ARRAY8,
            ARRAY32
        };
        for (int code : codes) {
            VALID[code] = true;
        }
    }

    private Encodings() {}

    /** The code of the value at the position, which does not change. */
    public static int peek(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            throw new BufferUnderflowException();
        }
        return bytes.get(bytes.position()) & 0xff;
    }

    /**
     * Takes the descriptor of a described value, as a number or as one of the symbols of the specification.
     *
     * @return its number, or {@link #UNKNOWN}
     */
    public static long descriptor(ByteBuffer bytes) {
        if (bytes.get() != DESCRIBED) {
            throw new MalformedException("a described type is missing");
        }
        int code = bytes.get() & 0xff;
        return switch (code) {
            case SMALL_ULONG -> bytes.get() & 0xff;
            case ULONG -> Math.max(UNKNOWN, bytes.getLong());
            case ULONG0 -> 0;
            case SYMBOL8, SYMBOL32 -> Descriptors.code(ascii(bytes, length(bytes, code)));
            default -> {
                bytes.position(bytes.position() - 1);
                skip(bytes);
                yield UNKNOWN;
            }
        };
    }

    /** Takes a uint; one beyond 2^31-1 comes as a negative number. */
    public static int uint(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        return switch (code) {
            case SMALL_UINT -> bytes.get() & 0xff;
            case UINT0 -> 0;
            case UINT -> bytes.getInt();
            default -> throw wrong("uint", code);
        };
    }

    /** Takes a boolean. */
    static boolean bool(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        if (code == TRUE || code == FALSE) {
            return code == TRUE;
        }
        if (code != BOOLEAN) {
            throw wrong("boolean", code);
        }
        int value = bytes.get();
        if (value != 0 && value != 1) {
            throw new MalformedException("a boolean must be 0 or 1, not " + value);
        }
        return value == 1;
    }

    /** Takes a ubyte. */
    static int ubyte(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        if (code != UBYTE) {
            throw wrong("ubyte", code);
        }
        return bytes.get() & 0xff;
    }

    /** Takes a timestamp, in milliseconds since the epoch. */
    public static long timestamp(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        if (code != TIMESTAMP) {
            throw wrong("timestamp", code);
        }
        return bytes.getLong();
    }

    /** Takes code and length of a binary; its bytes are next. */
    public static int binary(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        if (code != BINARY8 && code != BINARY32) {
            throw wrong("binary", code);
        }
        return length(bytes, code);
    }

    /** Takes a string; bytes that are not UTF-8 become replacement characters. */
    public static String string(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        if (code != STRING8 && code != STRING32) {
            throw wrong("string", code);
        }
        int length = length(bytes, code);
        if (bytes.hasArray()) {
            int start = bytes.position();
            bytes.position(start + length);
            return new String(bytes.array(), bytes.arrayOffset() + start, length, StandardCharsets.UTF_8);
        }
        var copy = new byte[length];
        bytes.get(copy);
        return new String(copy, StandardCharsets.UTF_8);
    }

    /** Takes a symbol's text, or returns null and takes nothing when the value is not a symbol. */
    public static @Nullable String symbol(ByteBuffer bytes) {
        int code = peek(bytes);
        if (code != SYMBOL8 && code != SYMBOL32) {
            return null;
        }
        bytes.get();
        return ascii(bytes, length(bytes, code));
    }

    /** Takes code, size and count of a map that has been checked; returns the number of its elements. */
    public static int enterMap(ByteBuffer bytes) {
        if ((bytes.get() & 0xff) == MAP8) {
            bytes.get();
            return bytes.get() & 0xff;
        }
        bytes.getInt();
        return bytes.getInt();
    }

    /** Takes code, size and count of a list that has been checked; returns the number of its elements. */
    public static int enterList(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        if (code == LIST0) {
            return 0;
        }
        if (code == LIST8) {
            bytes.get();
            return bytes.get() & 0xff;
        }
        bytes.getInt();
        return bytes.getInt();
    }

    /**
     * Takes a number without a fraction or a timestamp, of whatever width, or skips any other value. A ulong beyond
     * 2^63-1 counts as that.
     *
     * @param otherwise returned for another value
     */
    public static long integer(ByteBuffer bytes, long otherwise) {
        int code = peek(bytes);
        int start = bytes.position() + 1;
        skipShallow(bytes);
        return switch (code) {
            case UINT0, ULONG0 -> 0;
            case UBYTE, SMALL_UINT, SMALL_ULONG -> bytes.get(start) & 0xff;
            case 0x51, 0x54, 0x55 -> bytes.get(start);
            case 0x60 -> bytes.getShort(start) & 0xffff;
            case 0x61 -> bytes.getShort(start);
            case UINT -> Integer.toUnsignedLong(bytes.getInt(start));
            case 0x71 -> bytes.getInt(start);
            case ULONG -> bytes.getLong(start) < 0 ? Long.MAX_VALUE : bytes.getLong(start);
            case 0x81, TIMESTAMP -> bytes.getLong(start);
            default -> otherwise;
        };
    }

    /** Takes the length of a value of variable width whose code has been taken. */
    static int length(ByteBuffer bytes, int code) {
        int length = code >= BINARY32 ? bytes.getInt() : bytes.get() & 0xff;
        if (length < 0 || length > bytes.remaining()) {
            throw new MalformedException("a length of " + Integer.toUnsignedString(length) + " is beyond the "
                    + bytes.remaining() + " bytes that follow");
        }
        return length;
    }

    /**
     * Takes the constructor of one value, and its length if it has one; the value itself may go on beyond the buffer.
     *
     * @return how many bytes of it follow
     */
    public static long enter(ByteBuffer bytes) {
        int code = constructor(bytes);
        int width = width(code);
        if (width >= 0) {
            return width;
        }
        return wide(code) == BINARY32 ? Integer.toUnsignedLong(bytes.getInt()) : bytes.get() & 0xff;
    }

    /** Skips one value; what is inside lists, maps and arrays is checked against their size only. */
    public static void skipShallow(ByteBuffer bytes) {
        int code = constructor(bytes);
        int width = width(code);
        if (width >= 0) {
            advance(bytes, width);
        } else {
            advance(bytes, length(bytes, wide(code)));
        }
    }

    /** Skips one value and everything in it, checking all of it. */
    public static void skip(ByteBuffer bytes) {
        skip(bytes, Integer.MAX_VALUE);
    }

    /**
     * Skips one value and everything in it, checking all of it.
     *
     * @param maxCount how many elements any list, map (keys and values) or array may have
     */
    static void skip(ByteBuffer bytes, int maxCount) {
        value(bytes, constructor(bytes), maxCount, 0);
    }

    /** Takes the code of a value, and its descriptors if it has any. */
    private static int constructor(ByteBuffer bytes) {
        int code = bytes.get() & 0xff;
        for (int depth = 0; code == DESCRIBED; depth++) {
            if (depth == MAX_DEPTH) {
                throw tooDeep();
            }
            int descriptor = bytes.get() & 0xff;
            // A described descriptor, or one that is a container, is legal on paper and of no use to anybody.
            if (descriptor == DESCRIBED || descriptor >= LIST8) {
                throw new MalformedException("a descriptor must be a number or a symbol");
            }
            value(bytes, descriptor, 0, 0);
            code = bytes.get() & 0xff;
        }
        if (!VALID[code]) {
            throw new MalformedException("0x" + Integer.toHexString(code) + " is not a type");
        }
        return code;
    }

    private static void value(ByteBuffer bytes, int code, int maxCount, int depth) {
        int width = width(code);
        if (width >= 0) {
            advance(bytes, width);
        } else if (code < LIST8) {
            advance(bytes, length(bytes, code));
        } else {
            compound(bytes, code, maxCount, depth);
        }
    }

    private static void compound(ByteBuffer bytes, int code, int maxCount, int depth) {
        if (depth == MAX_DEPTH) {
            throw tooDeep();
        }
        int size = length(bytes, wide(code));
        int end = bytes.position() + size;
        int count = wide(code) == BINARY32 ? bytes.getInt() : bytes.get() & 0xff;
        if (count < 0 || count > maxCount) {
            throw new MalformedException(
                    Integer.toUnsignedString(count) + " elements are more than the " + maxCount + " allowed");
        }
        if (code >= ARRAY8) {
            array(bytes, count, end, maxCount, depth);
        } else {
            if ((code == MAP8 || code == MAP32) && (count & 1) != 0) {
                throw new MalformedException("a map must not have " + count + " elements: every key has a value");
            }
            if (count > end - bytes.position()) {
                throw new MalformedException(count + " elements are more than fit in " + size + " bytes");
            }
            for (int i = 0; i < count; i++) {
                value(bytes, constructor(bytes), maxCount, depth + 1);
            }
        }
        if (bytes.position() != end) {
            throw new MalformedException("the elements of a list, map or array do not fill its " + size + " bytes");
        }
    }

    private static void array(ByteBuffer bytes, int count, int end, int maxCount, int depth) {
        int code = constructor(bytes);
        int width = width(code);
        if (width == 0 && count > 0) {
            throw new MalformedException("an array of " + count + " elements without bytes");
        }
        if (width >= 0) {
            if ((long) count * width != end - bytes.position()) {
                throw new MalformedException(count + " elements of " + width + " bytes do not fill an array");
            }
            bytes.position(end);
            return;
        }
        for (int i = 0; i < count && bytes.position() <= end; i++) {
            value(bytes, code, maxCount, depth + 1);
        }
    }

    /** Width of the values of a type, or -1 when they bring their length. */
    private static int width(int code) {
        return switch (code >> 4) {
            case 0x4 -> 0;
            case 0x5 -> 1;
            case 0x6 -> 2;
            case 0x7 -> 4;
            case 0x8 -> 8;
            case 0x9 -> 16;
            default -> -1;
        };
    }

    /** The binary whose length is written like the size of this container or value. */
    private static int wide(int code) {
        return (code & 0x10) != 0 ? BINARY32 : BINARY8;
    }

    private static void advance(ByteBuffer bytes, int count) {
        if (count > bytes.remaining()) {
            throw new MalformedException("a value of " + count + " bytes ends after " + bytes.remaining());
        }
        bytes.position(bytes.position() + count);
    }

    private static String ascii(ByteBuffer bytes, int length) {
        var copy = new byte[length];
        bytes.get(copy);
        return new String(copy, StandardCharsets.US_ASCII);
    }

    private static MalformedException wrong(String expected, int code) {
        return new MalformedException("0x" + Integer.toHexString(code) + " where a " + expected + " must be");
    }

    private static MalformedException tooDeep() {
        return new MalformedException("values are nested deeper than " + MAX_DEPTH);
    }
}
