package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;
import java.util.Random;

/** Damages valid bytes: flips, interesting values, cuts, repetitions. */
public final class Mutations {

    private static final int[] INTERESTING = {
        0, 1, 0x40, 0x45, 0x53, 0x7f, 0x80, 0xa0, 0xb0, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0, 0xff
    };

    private Mutations() {}

    public static ByteBuffer of(Random random, ByteBuffer valid) {
        var bytes = new byte[valid.remaining()];
        valid.duplicate().get(bytes);
        int length = bytes.length;
        for (int i = random.nextInt(4); i >= 0 && length > 0; i--) {
            int at = random.nextInt(length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
                case 2 -> bytes[at] = (byte) random.nextInt();
                case 3 -> {
                    for (int k = at; k < Math.min(length, at + 4); k++) {
                        bytes[k] = (byte) 0xff;
                    }
                }
                default -> length = random.nextInt(6) == 0 ? at : length;
            }
        }
        return ByteBuffer.wrap(bytes, 0, length);
    }
}
