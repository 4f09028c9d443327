package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;

/**
 * Walks the fields of one list, in order. Fields that are null, or behind the list's end, are absent. Reused; owned by
 * whoever made it.
 */
public final class FieldReader {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private ByteBuffer bytes = NOTHING;
    private int left;
    private int limit;
    private int end;

    /** Enters the list at the buffer's position. The buffer's limit is the end of the list until {@link #leave}. */
    public void enter(ByteBuffer buffer) {
        bytes = buffer;
        limit = buffer.limit();
        int code = buffer.get() & 0xff;
        if (code == Encodings.LIST0) {
            left = 0;
            end = buffer.position();
        } else if (code == Encodings.LIST8) {
            end = Encodings.length(buffer, Encodings.BINARY8) + buffer.position();
            left = buffer.get() & 0xff;
        } else if (code == Encodings.LIST32) {
            end = Encodings.length(buffer, Encodings.BINARY32) + buffer.position();
            left = buffer.getInt();
        } else {
            throw new MalformedException("0x" + Integer.toHexString(code) + " where a list must be");
        }
        if (left < 0 || left > end - buffer.position()) {
            throw new MalformedException(Integer.toUnsignedString(left) + " fields are more than fit in the list");
        }
        buffer.limit(end);
    }

    /** Goes to the next field; whether it has a value, which must then be taken. */
    public boolean next() {
        if (left == 0) {
            return false;
        }
        left--;
        if (Encodings.peek(bytes) == Encodings.NULL) {
            bytes.get();
            return false;
        }
        return true;
    }

    /** Takes a field of type uint that may be absent; negative beyond 2^31-1. */
    public int uint(int absent) {
        return next() ? Encodings.uint(bytes) : absent;
    }

    /** Takes a boolean field; absent is false. */
    public boolean bool() {
        return next() && Encodings.bool(bytes);
    }

    /** Takes a field of type ubyte that may be absent. */
    public int ubyte(int absent) {
        return next() ? Encodings.ubyte(bytes) : absent;
    }

    /** Takes a field that must be there. */
    int mandatoryUint(String name) {
        mandatory(name);
        return Encodings.uint(bytes);
    }

    /** Takes a field that must be there. */
    boolean mandatoryBool(String name) {
        mandatory(name);
        return Encodings.bool(bytes);
    }

    /** Goes to a field that must be there. */
    void mandatory(String name) {
        if (!next()) {
            throw new MalformedException("field " + name + " is missing");
        }
    }

    /** Skips a field, checking all of it; whether it had a value. */
    public boolean skip() {
        return skip(Integer.MAX_VALUE);
    }

    /** Skips a field; no list, map or array in it may have more elements than that. */
    boolean skip(int maxCount) {
        boolean present = next();
        if (present) {
            Encodings.skip(bytes, maxCount);
        }
        return present;
    }

    /** Leaves the list, all fields of which must have been taken. */
    public void leave() {
        if (left != 0) {
            throw new MalformedException("it has " + left + " more fields than it may have");
        }
        if (bytes.position() != end) {
            throw new MalformedException("its fields do not fill its list");
        }
        bytes.limit(limit);
        bytes = NOTHING;
    }
}
