package io.turnstone.broker.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Durations and sizes as people write them. */
final class Units {

    private static final Pattern DURATION = Pattern.compile("([-+]?[0-9]{1,15})(ms|s|m|h|d)?");
    private static final Pattern SIZE = Pattern.compile("([-+]?[0-9]{1,15})(B|KiB|MiB|GiB|TiB)?");

    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> BYTES =
            Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

    private Units() {}

    static @Nullable Long duration(Node node, String label, Reading reading, long minMs) {
        String text = Types.TEXT.read(node, label, reading);
        if (text == null) {
            return null;
        }
        Matcher matcher = DURATION.matcher(text);
        boolean fits = matcher.matches() && (matcher.group(2) != null || text.equals("0"));
        if (!fits) {
            reading.problem(node, label, "must be a duration such as 250ms, 10s, 5m, 1h or 7d, not '" + text + "'");
            return null;
        }
        if (text.startsWith("-")) {
            reading.problem(node, label, "must not be negative, as '" + text + "' is; write a duration such as 10s");
            return null;
        }
        Long value = product(matcher, MILLIS, "ms");
        if (value == null || value < minMs) {
            reading.problem(
                    node,
                    label,
                    value == null
                            ? "is too long: '" + text + "'"
                            : "must be at least " + minMs + "ms, not '" + text + "'");
            return null;
        }
        return value;
    }

    static @Nullable Long size(Node node, String label, Reading reading, long min, long max) {
        String text = Types.TEXT.read(node, label, reading);
        if (text == null) {
            return null;
        }
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            reading.problem(node, label, "must be a size such as 512B, 64KiB, 10MiB or 2GiB, not '" + text + "'");
            return null;
        }
        Long value = product(matcher, BYTES, "B");
        if (value == null || value < min || value > max) {
            reading.problem(
                    node, label, "must be a size from " + size(min) + " to " + size(max) + ", not '" + text + "'");
            return null;
        }
        return value;
    }

    private static @Nullable Long product(Matcher matcher, Map<String, Long> factors, String plain) {
        String unit = matcher.group(2);
        Long factor = factors.get(unit == null ? plain : unit);
        try {
            return factor == null ? null : Long.valueOf(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
        } catch (ArithmeticException e) {
            return null;
        }
    }

    /** For example {@code 64KiB}. */
    private static String size(long bytes) {
        if (bytes == Long.MAX_VALUE) {
            return "8388607TiB";
        }
        for (String unit : new String[] {"TiB", "GiB", "MiB", "KiB"}) {
            long factor = BYTES.getOrDefault(unit, 1L);
            if (bytes >= factor && bytes % factor == 0) {
                return bytes / factor + unit;
            }
        }
        return bytes + "B";
    }
}
