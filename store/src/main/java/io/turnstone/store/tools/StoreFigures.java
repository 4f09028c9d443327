package io.turnstone.store.tools;

import java.util.List;
import java.util.Map;

/**
 * What a store consists of. Immutable.
 *
 * @param format version of the format on disk
 * @param id the number of the store, in hexadecimal
 * @param queues by name
 * @param segments of the journal, oldest first
 * @param files length in bytes by name
 * @param spares how many files wait to become segments
 * @param freeBytes of MapDB's file, in which there is nothing
 * @param damage found on the way; to look for more, verify the store
 */
public record StoreFigures(
        int format,
        String id,
        List<QueueFigures> queues,
        List<SegmentFigures> segments,
        Map<String, Long> files,
        int spares,
        long freeBytes,
        List<String> damage) {}
