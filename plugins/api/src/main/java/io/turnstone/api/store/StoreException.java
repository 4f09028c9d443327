package io.turnstone.api.store;

/** The store cannot do what it was asked; the message names the file or folder and the remedy. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Without a cause. */
    public StoreException(String message) {
        super(message);
    }

    /** With the I/O error behind it. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
