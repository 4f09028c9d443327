package io.turnstone.store.journal;

import io.turnstone.api.Durability;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When what is committed is forced to the medium. Immutable.
 *
 * @param promise what holds for queues that do not say otherwise
 * @param intervalMs how long after a commit the force begins that {@link Durability#INTERVAL} promises, in milliseconds
 */
public record Fsync(Durability promise, long intervalMs) {

    public static final Fsync ALWAYS = new Fsync(Durability.ALWAYS, 10);

    private static final Pattern INTERVAL = Pattern.compile("interval:(\\d{1,6})(ms|s)");
    private static final long MAX_INTERVAL_MS = 60_000;

    /** Reads the word in the configuration; null when it is none. */
    public static @Nullable Fsync of(String text) {
        var interval = INTERVAL.matcher(text);
        if (interval.matches()) {
            long unit = interval.group(2).equals("s") ? 1000 : 1;
            return new Fsync(Durability.INTERVAL, Long.parseLong(interval.group(1)) * unit);
        }
        return switch (text) {
            case "always" -> ALWAYS;
            case "never" -> new Fsync(Durability.NEVER, ALWAYS.intervalMs);
            default -> null;
        };
    }

    boolean inRange() {
        return intervalMs >= 1 && intervalMs <= MAX_INTERVAL_MS;
    }

    /** The word in the configuration. */
    @Override
    public String toString() {
        return promise == Durability.INTERVAL ? "interval:" + intervalMs + "ms" : promise.key();
    }
}
