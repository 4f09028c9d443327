package io.turnstone.api;

import java.util.Random;

/**
 * Chooses as the bytes of an input say, so that a fuzzer that changes bytes changes choices. When the bytes are used up
 * every choice is the first one. Used by one thread.
 */
public final class Choices extends Random {

    private static final long serialVersionUID = 1;

    private final byte[] input;
    private int at;

    /** As this input says. */
    public Choices(byte[] input) {
        super(0);
        this.input = input;
    }

    /** Whether the bytes are used up. */
    public boolean exhausted() {
        return at >= input.length;
    }

    /** One in so many, as long as there are bytes. */
    public boolean oneIn(int many) {
        return !exhausted() && nextInt(many) == many - 1;
    }

    /** What happens once in about so many times; never with 0. Costs bytes only when it happens. */
    public Rarely rarely(int many) {
        return new Rarely(many);
    }

    /** A chance that is drawn ahead. */
    public final class Rarely {
        private final int many;
        private int left;

        private Rarely(int many) {
            this.many = many;
            left = draw();
        }

        private int draw() {
            return many == 0 ? 0 : 1 + nextInt(2 * many);
        }

        /** Whether it is now. */
        public boolean now() {
            if (many == 0 || --left > 0 || exhausted()) {
                return false;
            }
            left = draw();
            return true;
        }
    }

    /** One of these. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final <T> T of(T... options) {
        return options[nextInt(options.length)];
    }

    private int octet() {
        return at < input.length ? input[at++] & 0xff : 0;
    }

    @Override
    protected int next(int bits) {
        int value = 0;
        for (int have = 0; have < bits; have += 8) {
            value = value << 8 | octet();
        }
        return bits == 32 ? value : value & (1 << bits) - 1;
    }

    @Override
    public int nextInt(int bound) {
        int value = bound <= 256 ? octet() : bound <= 65_536 ? octet() << 8 | octet() : next(31);
        return value % bound;
    }

    @Override
    public boolean nextBoolean() {
        return (octet() & 1) == 1;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) octet();
        }
    }
}
