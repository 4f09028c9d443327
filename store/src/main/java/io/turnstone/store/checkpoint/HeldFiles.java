package io.turnstone.store.checkpoint;

import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The files of a store at a moment at which they say everything that was committed. Until they are released nothing of
 * them changes. Immutable.
 *
 * @param lengths by file, how far it is to be read
 */
public record HeldFiles(Path folder, Map<Path, Long> lengths) {

    /** All files of a store that nobody uses. */
    public static HeldFiles of(Path folder) throws IOException {
        var files = new DiskFiles();
        var lengths = new HashMap<Path, Long>();
        for (var path : files.list(folder)) {
            if (needed(path)) {
                lengths.put(path, Files.size(path));
            }
        }
        var spool = folder.resolve(SpoolFolder.NAME);
        if (Files.isDirectory(spool)) {
            for (var path : files.list(spool)) {
                if (!SpoolFolder.isKeptAside(path)) {
                    lengths.put(path, Files.size(path));
                }
            }
        }
        return new HeldFiles(folder, lengths);
    }

    /** Whether a file holds something that is not made anew. */
    public static boolean needed(Path path) {
        String name = path.getFileName().toString();
        return name.equals(Manifest.NAME)
                || name.equals(StoreFolder.MARK)
                || name.startsWith("mapdb-")
                || name.startsWith("journal-");
    }
}
