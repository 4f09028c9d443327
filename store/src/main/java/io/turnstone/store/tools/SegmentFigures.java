package io.turnstone.store.tools;

/**
 * One file of the journal. Immutable.
 *
 * @param bytes of records in it
 * @param live messages whose bodies are here and nowhere else
 */
public record SegmentFigures(String file, long bytes, long firstPosition, long live) {}
