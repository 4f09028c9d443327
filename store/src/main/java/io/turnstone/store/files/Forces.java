package io.turnstone.store.files;

import java.io.IOException;

/** How files are forced during a commit of MapDB's volume. */
@FunctionalInterface
public interface Forces {

    /** Makes a file durable before it returns; nothing else changes the volume meanwhile. Throws {@link FailedForce}. */
    void force(StoreFile file) throws IOException;
}
