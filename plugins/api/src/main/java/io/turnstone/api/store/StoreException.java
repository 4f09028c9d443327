package io.turnstone.api.store;

import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The store cannot do what it was asked; the message names the file or folder and the remedy. */
public final class StoreException extends RuntimeException {

    /** What {@code reason} says in the {@linkplain Refusal#info() info} of a refusal for want of room. */
    public static final String DISK_FULL = "disk-full";

    private static final long serialVersionUID = 1L;

    private final boolean full;

    /** Without a cause. */
    public StoreException(String message) {
        this(message, null, false);
    }

    /** With the I/O error behind it. */
    public StoreException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private StoreException(String message, @Nullable Throwable cause, boolean full) {
        super(message, cause);
        this.full = full;
    }

    /** There is no room for it at present. The store is sound, and the same may be asked again. */
    public static StoreException full(String message, @Nullable Throwable cause) {
        return new StoreException(message, cause, true);
    }

    /** Whether room is all that is missing. */
    public boolean full() {
        return full;
    }

    /**
     * What to tell a client: a {@linkplain Condition#LIMIT_EXCEEDED limit} with reason {@link #DISK_FULL} when room
     * is missing, else {@link Condition#UNAVAILABLE}.
     *
     * @param what could not be done, the beginning of the sentence
     */
    public Refusal refusal(String what) {
        String description = what + ": " + getMessage();
        return full
                ? new Refusal(Condition.LIMIT_EXCEEDED, description, Map.of("reason", DISK_FULL))
                : new Refusal(Condition.UNAVAILABLE, description);
    }
}
