package io.turnstone.store;

import io.turnstone.api.store.StoreException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How a store uses its folder.
 *
 * @param windowBytes how far the journal may run ahead of MapDB
 * @param segmentBytes size of a journal file
 * @param spareSegments how many unused journal files are kept for use
 * @param idleMs quiet time after which the journal is absorbed, in milliseconds
 */
record StoreOptions(long windowBytes, int segmentBytes, int spareSegments, long idleMs) {

    /** Largest body in bytes; larger ones do not go through the journal. */
    static final int MAX_BODY = 64 << 20;

    static final StoreOptions DEFAULTS = new StoreOptions(2L << 30, 64 << 20, 2, 10_000);

    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(|B|KIB|MIB|GIB|TIB)");

    StoreOptions {
        require("segment", segmentBytes, 4096, 1 << 30, "4KiB to 1GiB");
        require("window", windowBytes, segmentBytes, 1L << 44, "one segment to 16TiB");
        require("spare-segments", spareSegments, 1, 64, "1 to 64");
    }

    /** Reads the keys of {@code store:} in the configuration. */
    static StoreOptions of(Map<String, Object> options) {
        long window = DEFAULTS.windowBytes;
        long segment = DEFAULTS.segmentBytes;
        long spares = DEFAULTS.spareSegments;
        for (var option : options.entrySet()) {
            switch (option.getKey()) {
                case "window" -> window = bytes("window", option.getValue());
                case "segment" -> segment = bytes("segment", option.getValue());
                case "spare-segments" -> spares = bytes("spare-segments", option.getValue());
                default ->
                    throw new StoreException("store: option '" + option.getKey()
                            + "' is unknown: use window, segment or spare-segments");
            }
        }
        return new StoreOptions(
                window, (int) Math.min(segment, Integer.MAX_VALUE), (int) Math.min(spares, 1000), DEFAULTS.idleMs);
    }

    private static long bytes(String name, Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        var size = SIZE.matcher(value.toString().trim().toUpperCase(Locale.ROOT));
        if (!size.matches()) {
            throw new StoreException("store: " + name + " '" + value + "' is not a size: write it like 64MiB or 2GiB");
        }
        int shift = 10
                * "BKMGT".indexOf(size.group(2).isEmpty() ? 'B' : size.group(2).charAt(0));
        return Long.parseLong(size.group(1)) << shift;
    }

    private static void require(String name, long value, long min, long max, String range) {
        if (value < min || value > max) {
            throw new StoreException("store: " + name + " " + value + " is out of range: " + range);
        }
    }
}
