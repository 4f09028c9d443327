package io.turnstone.store.tools;

/**
 * What a store holds of one queue. Immutable.
 *
 * @param number by which the store knows the queue
 * @param bytes of the bodies
 * @param first position of the first message, in the order of their arrival in the store
 * @param last position of the last message
 * @param inJournal how many of the messages are in the journal; the others are in MapDB
 * @param unreadable how many could not be read; 0 where they were not tried
 * @param keys how many it knows of messages that may be published again
 */
public record QueueFigures(
        int number,
        String name,
        long messages,
        long bytes,
        long first,
        long last,
        long inJournal,
        long unreadable,
        long keys) {}
