package io.turnstone.store.files;

import java.io.IOException;

/**
 * A force that failed, for whatever reason: what was written before may be gone, and a second force would not say so.
 * Not to be tried again, a full disk included.
 */
public final class FailedForce extends IOException {

    private static final long serialVersionUID = 1L;

    private FailedForce(IOException cause) {
        super("fsync: " + cause.getMessage(), cause);
    }

    /** Forces a file; the error says that it was this that failed. */
    public static void force(StoreFile file) throws FailedForce {
        try {
            file.force();
        } catch (IOException e) {
            throw new FailedForce(e);
        }
    }
}
