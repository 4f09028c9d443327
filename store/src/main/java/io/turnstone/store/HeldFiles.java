package io.turnstone.store;

import java.nio.file.Path;
import java.util.Map;

/**
 * The files of a store at a moment at which they say everything that was committed. Until they are released nothing of
 * them changes. Immutable.
 *
 * @param lengths by file, how far it is to be read
 */
record HeldFiles(Path folder, Map<Path, Long> lengths) {

    /** Whether a file holds something that is not made anew. */
    static boolean needed(Path path) {
        String name = path.getFileName().toString();
        return name.equals(Manifest.NAME)
                || name.equals(StoreFolder.MARK)
                || name.startsWith("mapdb-")
                || name.startsWith("journal-");
    }
}
