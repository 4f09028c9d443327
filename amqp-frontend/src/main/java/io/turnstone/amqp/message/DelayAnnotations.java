package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.Encodings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds in message-annotations when a message wants to be delivered, in the words of all clients: moments in milliseconds
 * since the epoch under {@code x-opt-delivery-time}, {@code x-opt-scheduled-enqueue-time} or {@code
 * x-qpid-not-valid-before}, of which the latest counts; else a delay in milliseconds under {@code x-opt-delivery-delay}.
 * What is no number is passed over. Pure, any thread.
 */
final class DelayAnnotations {

    /** What a message has that is delivered at once. */
    static final long AT_ONCE = 0;

    private static final byte[] DELAY = name("x-opt-delivery-delay");
    private static final byte[][] MOMENTS = {
        name("x-opt-delivery-time"), name("x-opt-scheduled-enqueue-time"), name("x-qpid-not-valid-before")
    };

    private DelayAnnotations() {}

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads a map that was checked, and leaves the position behind it.
     *
     * @return a moment, a delay with its sign turned, or {@link #AT_ONCE}
     */
    static long read(ByteBuffer map) {
        long moment = AT_ONCE;
        long delayMs = AT_ONCE;
        for (int left = Encodings.enterMap(map); left > 0; left -= 2) {
            int code = Encodings.peek(map);
            if (code != Encodings.SYMBOL8) {
                Encodings.skipShallow(map);
                Encodings.skipShallow(map);
                continue;
            }
            int at = map.position() + 2;
            int length = map.get(at - 1) & 0xff;
            map.position(at + length);
            if (is(DELAY, map, at, length)) {
                delayMs = Math.max(delayMs, Encodings.integer(map, AT_ONCE));
            } else if (isMoment(map, at, length)) {
                moment = Math.max(moment, Encodings.integer(map, AT_ONCE));
            } else {
                Encodings.skipShallow(map);
            }
        }
        return moment > AT_ONCE ? moment : -delayMs;
    }

    private static boolean isMoment(ByteBuffer map, int at, int length) {
        for (byte[] name : MOMENTS) {
            if (is(name, map, at, length)) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(byte[] name, ByteBuffer map, int at, int length) {
        if (length != name.length) {
            return false;
        }
        for (int i = length - 1; i >= 0; i--) { // the ends differ, the beginnings do not
            if (map.get(at + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** When a message that came at a moment is to be delivered; {@link #AT_ONCE} when it is not to wait. */
    static long availableAtMs(long read, long arrivedAtMs) {
        if (read == AT_ONCE) {
            return AT_ONCE;
        }
        long delayMs = -read;
        long atMs = read > 0 ? read : delayMs > Long.MAX_VALUE - arrivedAtMs ? Long.MAX_VALUE : arrivedAtMs + delayMs;
        return atMs > arrivedAtMs ? atMs : AT_ONCE;
    }
}
