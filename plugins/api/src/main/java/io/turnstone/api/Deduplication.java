package io.turnstone.api;

/**
 * How a queue knows a message that was published before. Immutable.
 *
 * @param windowMs how long a key is remembered from its first message on, in milliseconds, at least 1
 * @param by where a message has its key: {@link #MESSAGE_ID}, or the name of an application property or, if it begins with
 *     {@code x-}, of a message annotation; a message without it is not compared
 * @param max most keys that are remembered; beyond it the oldest are forgotten
 */
public record Deduplication(long windowMs, String by, int max) {

    /** The key is the message-id, or what existing clients say in its place ({@code _AMQ_DUPL_ID}). */
    public static final String MESSAGE_ID = "message-id";

    /** Most keys of one queue that may be asked for. */
    public static final int MOST = 10_000_000;

    /** Ten minutes, by message-id, a hundred thousand keys. */
    public static final Deduplication DEFAULT = new Deduplication(600_000, MESSAGE_ID, 100_000);

    public Deduplication {
        if (windowMs < 1) {
            throw new IllegalArgumentException("deduplicate: window " + windowMs + " ms must be >= 1");
        }
        if (by.isEmpty()) {
            throw new IllegalArgumentException("deduplicate: by must not be empty");
        }
        if (max < 1 || max > MOST) {
            throw new IllegalArgumentException("deduplicate: max " + max + " must be 1 to " + MOST);
        }
    }
}
