package io.turnstone.amqp.filter;

import io.turnstone.amqp.codec.Encodings;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the values of wanted keys are in one encoded map, found by one pass over it. Owned by its {@link Evaluation}. */
final class KeyIndex {

    private static final int ABSENT = -1;

    private int[] places = new int[4];
    private @Nullable ByteBuffer map;
    private boolean scanned;

    boolean scanned() {
        return scanned;
    }

    /** Passes over the map at the buffer's position until every wanted key is found; null is an empty map. */
    void scan(Needs.Keys wanted, @Nullable ByteBuffer encoded) {
        scanned = true;
        map = encoded;
        if (encoded == null) {
            return;
        }
        int missing = wanted.count();
        if (missing > places.length) {
            places = new int[2 * missing];
        }
        Arrays.fill(places, 0, missing, ABSENT);
        for (int left = Encodings.enterMap(encoded); left > 1 && missing > 0; left -= 2) {
            int number = key(wanted, encoded);
            if (number >= 0 && places[number] == ABSENT) {
                places[number] = encoded.position();
                missing--;
            }
            Encodings.skipShallow(encoded);
        }
    }

    /** Takes one key; its number, or -1. */
    private static int key(Needs.Keys wanted, ByteBuffer encoded) {
        int code = Encodings.peek(encoded);
        if (code != Encodings.STRING8
                && code != Encodings.SYMBOL8
                && code != Encodings.STRING32
                && code != Encodings.SYMBOL32) {
            Encodings.skipShallow(encoded);
            return ABSENT;
        }
        int length = (int) Encodings.enter(encoded);
        int at = encoded.position();
        encoded.position(at + length);
        return wanted.find(encoded.array(), encoded.arrayOffset() + at, length);
    }

    /** Reads the value of a wanted key. */
    void read(int number, Value out) {
        ByteBuffer encoded = map;
        if (encoded == null || places[number] == ABSENT) {
            out.clear();
        } else {
            out.read(encoded.position(places[number]));
        }
    }

    void forget() {
        map = null;
        scanned = false;
    }
}
