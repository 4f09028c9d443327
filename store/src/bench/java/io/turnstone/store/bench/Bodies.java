package io.turnstone.store.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Messages of 1 KiB that do not compress. Where only the rate counts they are shared, so that the instrument costs
 * next to nothing; where they are read back each is its own and carries its number.
 */
final class Bodies {

    static final int BYTES = 1024;

    private static final int KINDS = 64;
    private static final VarHandle NUMBER = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[][] kinds = new byte[KINDS][BYTES];
    private final boolean numbered;

    Bodies(boolean numbered) {
        this.numbered = numbered;
        var random = new SplittableRandom(1);
        for (byte[] kind : kinds) {
            random.nextBytes(kind);
        }
    }

    byte[] body(long number) {
        byte[] kind = kinds[(int) number & KINDS - 1];
        if (!numbered) {
            return kind;
        }
        byte[] body = kind.clone();
        NUMBER.set(body, 0, number);
        return body;
    }

    static long number(byte[] array, int offset) {
        return (long) NUMBER.get(array, offset);
    }
}
