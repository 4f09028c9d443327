package io.turnstone.load;

import java.util.Arrays;

/**
 * Which messages arrived, one bit for each: finds what is missing and what came twice, in any order. Owned by
 * one loop while it runs.
 */
final class SequenceLog {

    /** Bounds on what a damaged stamp can make this log allocate: 2 GiB of bits. */
    static final long MAX_SEQUENCE = 1L << 34;

    static final int MAX_PRODUCERS = 1 << 16;

    private long[][] seen = new long[0][];
    private long distinct;
    private long repeated;

    /** Whether a stamp with these numbers can be true. */
    static boolean plausible(int producer, long sequence) {
        return producer >= 0 && producer < MAX_PRODUCERS && sequence >= 0 && sequence < MAX_SEQUENCE;
    }

    /** Notes one arrival; false if the same message came before. */
    boolean add(int producer, long sequence) {
        long[] bits = bits(producer, (int) (sequence >>> 6) + 1);
        int word = (int) (sequence >>> 6);
        long bit = 1L << sequence;
        if ((bits[word] & bit) != 0) {
            repeated++;
            return false;
        }
        bits[word] |= bit;
        distinct++;
        return true;
    }

    /** Adds what another log saw; a message in both counts as repeated. */
    void addAll(SequenceLog other) {
        repeated += other.repeated;
        for (int producer = 0; producer < other.seen.length; producer++) {
            long[] theirs = other.seen[producer];
            long[] ours = bits(producer, theirs.length);
            for (int i = 0; i < theirs.length; i++) {
                repeated += Long.bitCount(ours[i] & theirs[i]);
                distinct += Long.bitCount(theirs[i] & ~ours[i]);
                ours[i] |= theirs[i];
            }
        }
    }

    /** How many different messages arrived. */
    long distinct() {
        return distinct;
    }

    /** How many arrivals were not the first of their message. */
    long repeated() {
        return repeated;
    }

    private long[] bits(int producer, int words) {
        if (producer >= seen.length) {
            int before = seen.length;
            seen = Arrays.copyOf(seen, producer + 1);
            Arrays.fill(seen, before, seen.length, new long[0]);
        }
        long[] bits = seen[producer];
        if (words > bits.length) {
            bits = Arrays.copyOf(bits, Math.max(words, bits.length * 2));
            seen[producer] = bits;
        }
        return bits;
    }
}
