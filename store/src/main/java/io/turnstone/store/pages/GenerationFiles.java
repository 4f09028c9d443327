package io.turnstone.store.pages;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The files of one generation of MapDB in a folder. Immutable.
 *
 * @param number from 1
 */
public record GenerationFiles(FileLayer files, Path folder, int number) {

    private static final Pattern NAME = Pattern.compile("mapdb-(\\d{1,9})\\..*");

    /** Before the names of those that were damaged and are kept. */
    private static final String DAMAGED = "damaged-";

    /** The first there are in a folder, which is the one that counts unless the next has just been finished. */
    public static GenerationFiles first(FileLayer files, Path folder) throws IOException {
        int first = files.list(folder).stream()
                .map(path -> NAME.matcher(path.getFileName().toString()))
                .filter(name -> name.matches() && name.group().endsWith(".db"))
                .mapToInt(name -> Integer.parseInt(name.group(1)))
                .min()
                .orElse(1);
        return new GenerationFiles(files, folder, first);
    }

    /** The name of MapDB's file. */
    public String name() {
        return db().getFileName().toString();
    }

    /** MapDB's file. */
    public Path db() {
        return path("db");
    }

    /** Opens them, making them when absent. */
    CrashSafeVolume open(long storeId, Consumer<String> damage) throws IOException {
        var file = files.open(db(), false);
        RedoLog log = null;
        try {
            log = new RedoLog(files, path("redo-0"), path("redo-1"), path("applied"), storeId);
            return new CrashSafeVolume(files, file, log, damage);
        } catch (IOException e) {
            file.close();
            if (log != null) {
                log.close();
            }
            throw e;
        }
    }

    /** Whether MapDB's file is missing or empty though something was committed to it. */
    public boolean isGone() throws IOException {
        return length("applied") > 0 && length("db") == 0;
    }

    private long length(String what) throws IOException {
        if (!files.list(folder).contains(path(what))) {
            return 0;
        }
        try (var file = files.openToRead(path(what))) {
            return file.size();
        }
    }

    /** Where MapDB's file is kept when another generation takes its place because it is damaged. */
    public Path kept() {
        return kept(db());
    }

    private Path kept(Path file) {
        return folder.resolve(DAMAGED + file.getFileName());
    }

    /** Notes that nothing must be written to them any more, and that they are to be kept. */
    public void markDamaged() throws IOException {
        files.open(kept(), false).close();
        files.forceFolder(folder);
    }

    /** Whether that was noted. */
    boolean damaged() throws IOException {
        return files.list(folder).contains(kept());
    }

    private Path path(String what) {
        return folder.resolve("mapdb-" + number + "." + what);
    }

    /** The files of the generation after it. */
    public GenerationFiles next() {
        return new GenerationFiles(files, folder, number + 1);
    }

    /**
     * Removes those of every other generation: one that was left, or one that was never finished. Those of one that was
     * damaged are given another name.
     */
    public void removeOthers() throws IOException {
        var present = files.list(folder);
        for (var path : present) {
            var name = NAME.matcher(path.getFileName().toString());
            if (name.matches() && !name.group(1).equals(String.valueOf(number))) {
                if (!present.contains(db())) {
                    throw new StoreException(db() + " is missing, which " + Manifest.NAME + " names, but there is "
                            + path.getFileName() + " beside it: restore the whole folder from one backup");
                }
                var other = new GenerationFiles(files, folder, Integer.parseInt(name.group(1)));
                if (present.contains(other.kept())) {
                    files.rename(path, kept(path));
                } else {
                    files.delete(path);
                }
            }
        }
    }

    /** Removes them. */
    public void delete() throws IOException {
        files.delete(db());
        files.delete(path("redo-0"));
        files.delete(path("redo-1"));
        files.delete(path("applied"));
    }
}
