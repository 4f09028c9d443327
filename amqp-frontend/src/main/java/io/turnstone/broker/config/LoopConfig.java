package io.turnstone.broker.config;

/**
 * The event loops.
 *
 * @param count how many; 0 for half of the processors, 1 to 8
 * @param spin whether a loop may wait awake where messages come and go so quickly that falling asleep takes longer
 */
public record LoopConfig(int count, boolean spin) {

    /** Half of the processors, waiting awake where it pays. */
    public static final LoopConfig DEFAULT = new LoopConfig(0, true);
}
