package io.turnstone.load;

import java.nio.ByteBuffer;

/**
 * Reads the fields of one performative in order, without making objects. Fields that a peer left out at the
 * end read as absent. Owned by one connection.
 *
 * <p>Errors: {@link MalformedFrame} for a type that the field cannot have; reading past the buffer throws
 * {@link IndexOutOfBoundsException}, which the connection treats alike.
 */
final class Fields {

    private ByteBuffer in = ByteBuffer.allocate(0);
    private int at;
    private int left;

    /**
     * Starts on the performative at {@code start}.
     *
     * @return where the performative ends and the payload begins
     */
    int open(ByteBuffer frame, int start) {
        in = frame;
        int list = described(frame, start);
        int end = skip(frame, list);
        switch (frame.get(list) & 0xff) {
            case Type.LIST0 -> {
                left = 0;
                at = list + 1;
            }
            case Type.LIST8 -> {
                left = frame.get(list + 2) & 0xff;
                at = list + 3;
            }
            case Type.LIST32 -> {
                left = frame.getInt(list + 5);
                at = list + 9;
            }
            default -> throw new MalformedFrame("a performative must be a list");
        }
        return end;
    }

    /** The next field as an unsigned int, or {@code absent}. */
    int uint(int absent) {
        if (left-- <= 0) {
            return absent;
        }
        int type = in.get(at) & 0xff;
        switch (type) {
            case Type.NULL -> {
                at += 1;
                return absent;
            }
            case Type.UINT0 -> {
                at += 1;
                return 0;
            }
            case Type.SMALL_UINT -> {
                at += 2;
                return in.get(at - 1) & 0xff;
            }
            case Type.UINT -> {
                at += 5;
                return in.getInt(at - 4);
            }
            default -> throw new MalformedFrame("expected a uint, not type 0x" + Integer.toHexString(type));
        }
    }

    /** The next field as a boolean; absent is {@code false}, as for each boolean of transfer, flow and disposition. */
    boolean bool() {
        if (left-- <= 0) {
            return false;
        }
        int type = in.get(at) & 0xff;
        switch (type) {
            case Type.NULL, Type.FALSE, Type.TRUE -> {
                at += 1;
                return type == Type.TRUE;
            }
            case Type.BOOLEAN -> {
                at += 2;
                return in.get(at - 1) != 0;
            }
            default -> throw new MalformedFrame("expected a boolean, not type 0x" + Integer.toHexString(type));
        }
    }

    /** Whether the next field is there and not null; it stays the next one. */
    boolean present() {
        return left > 0 && (in.get(at) & 0xff) != Type.NULL;
    }

    /** The descriptor code of the next field, a described value, or -1 when absent. */
    int outcome() {
        boolean there = present();
        int code = there ? descriptor(in, at) : -1;
        skip();
        return code;
    }

    void skip() {
        if (left-- > 0) {
            at = skip(in, at);
        }
    }

    /** The numeric descriptor of the described value at {@code at}. */
    static int descriptor(ByteBuffer in, int at) {
        if (in.get(at) == Type.DESCRIBED) {
            switch (in.get(at + 1) & 0xff) {
                case Type.SMALL_ULONG -> {
                    return in.get(at + 2) & 0xff;
                }
                case Type.ULONG -> {
                    return (int) in.getLong(at + 2);
                }
                default -> {}
            }
        }
        throw new MalformedFrame("expected a value described by a number");
    }

    /** Where the value of the described value at {@code at} begins. */
    static int described(ByteBuffer in, int at) {
        return skip(in, at + 1);
    }

    /** Where the value at {@code at} ends. */
    static int skip(ByteBuffer in, int at) {
        int type = in.get(at) & 0xff;
        int end = switch (type >>> 4) {
            case 0x0 -> type == Type.DESCRIBED ? skip(in, skip(in, at + 1)) : at;
            case 0x4 -> at + 1;
            case 0x5 -> at + 2;
            case 0x6 -> at + 3;
            case 0x7 -> at + 5;
            case 0x8 -> at + 9;
            case 0x9 -> at + 17;
            case 0xa, 0xc, 0xe -> at + 2 + (in.get(at + 1) & 0xff);
            case 0xb, 0xd, 0xf -> in.getInt(at + 1) < 0 ? at : at + 5 + in.getInt(at + 1);
            default -> at;
        };
        if (end <= at) {
            throw new MalformedFrame("type 0x" + Integer.toHexString(type) + " is unknown or has a negative size");
        }
        return end;
    }
}
