package io.turnstone.store.journal;

import io.turnstone.api.store.StoreException;
import java.util.LinkedHashMap;
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
 * @param fsync when what is committed is forced
 * @param shrinking when MapDB's file is made anew
 */
public record StoreOptions(
        long windowBytes, int segmentBytes, int spareSegments, long idleMs, Fsync fsync, Shrinking shrinking) {

    /** Largest body in bytes; larger ones do not go through the journal. */
    public static final int MAX_BODY = 64 << 20;

    public static final StoreOptions DEFAULTS = new StoreOptions(2L << 30, 64 << 20, 2, 10_000);

    /**
     * When what lives in MapDB's file is copied to a new one.
     *
     * @param fromBytes a smaller file is left alone
     * @param times the file is at least so many times as large as what lives in it
     */
    public record Shrinking(long fromBytes, int times) {}

    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(|B|KIB|MIB|GIB|TIB)");

    public StoreOptions(long windowBytes, int segmentBytes, int spareSegments, long idleMs) {
        this(windowBytes, segmentBytes, spareSegments, idleMs, Fsync.ALWAYS);
    }

    public StoreOptions(long windowBytes, int segmentBytes, int spareSegments, long idleMs, Fsync fsync) {
        this(windowBytes, segmentBytes, spareSegments, idleMs, fsync, new Shrinking(16 << 20, 4));
    }

    /** The same with another rule for MapDB's file. */
    public StoreOptions shrinking(long fromBytes, int times) {
        return new StoreOptions(
                windowBytes, segmentBytes, spareSegments, idleMs, fsync, new Shrinking(fromBytes, times));
    }

    /** Reads the keys of {@code store:} in the configuration. */
    public static StoreOptions of(Map<String, Object> options) {
        var problems = new LinkedHashMap<String, String>();
        StoreOptions read = read(options, problems);
        if (!problems.isEmpty()) {
            throw new StoreException("store: " + problems.values().iterator().next());
        }
        return read;
    }

    /** What is wrong with these keys, by key. */
    public static Map<String, String> problems(Map<String, Object> options) {
        var problems = new LinkedHashMap<String, String>();
        read(options, problems);
        return problems;
    }

    private static StoreOptions read(Map<String, Object> options, Map<String, String> problems) {
        long window = DEFAULTS.windowBytes;
        long segment = DEFAULTS.segmentBytes;
        long spares = DEFAULTS.spareSegments;
        long shrink = DEFAULTS.shrinking.fromBytes;
        var fsync = DEFAULTS.fsync;
        for (var option : options.entrySet()) {
            String key = option.getKey();
            switch (key) {
                case "window" -> window = bytes(option, window, problems);
                case "segment" -> segment = bytes(option, segment, problems);
                case "spare-segments" -> spares = bytes(option, spares, problems);
                case "shrink-above" -> shrink = bytes(option, shrink, problems);
                case "fsync" -> fsync = fsync(option, problems);
                default ->
                    problems.put(
                            key,
                            "option '" + key
                                    + "' is unknown: use window, segment, spare-segments, shrink-above or fsync");
            }
        }
        require("segment", segment, 4096, 1 << 30, "4KiB to 1GiB", problems);
        require("window", window, segment, 1L << 44, "one segment to 16TiB", problems);
        require("spare-segments", spares, 1, 64, "1 to 64", problems);
        require("shrink-above", shrink, 1 << 20, 1L << 40, "1MiB to 1TiB", problems);
        int segmentBytes = (int) Math.min(segment, Integer.MAX_VALUE);
        return new StoreOptions(window, segmentBytes, (int) Math.min(spares, 64), DEFAULTS.idleMs, fsync)
                .shrinking(shrink, DEFAULTS.shrinking.times);
    }

    private static Fsync fsync(Map.Entry<String, Object> option, Map<String, String> problems) {
        String text = option.getValue().toString();
        var fsync = Fsync.of(text);
        if (fsync == null) {
            problems.put(option.getKey(), "fsync '" + text + "' is unknown: use always, interval:10ms or never");
        } else if (!fsync.inRange()) {
            problems.put(option.getKey(), "fsync '" + text + "' is out of range: interval:1ms to interval:60s");
        }
        return fsync == null ? DEFAULTS.fsync : fsync;
    }

    private static long bytes(Map.Entry<String, Object> option, long usual, Map<String, String> problems) {
        Object value = option.getValue();
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        var size = SIZE.matcher(value.toString().trim().toUpperCase(Locale.ROOT));
        if (!size.matches()) {
            problems.put(
                    option.getKey(), option.getKey() + " '" + value + "' is not a size: write it like 64MiB or 2GiB");
            return usual;
        }
        int shift = 10
                * "BKMGT".indexOf(size.group(2).isEmpty() ? 'B' : size.group(2).charAt(0));
        long count = Long.parseLong(size.group(1));
        return count > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : count << shift;
    }

    private static void require(
            String name, long value, long min, long max, String range, Map<String, String> problems) {
        if (value < min || value > max) {
            problems.putIfAbsent(name, name + " " + value + " is out of range: " + range);
        }
    }
}
