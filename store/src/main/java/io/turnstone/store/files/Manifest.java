package io.turnstone.store.files;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What a store says of itself in a file of its own. Immutable.
 *
 * @param generation which of MapDB's files counts
 * @param format in which it was written, {@link #OLDEST} to {@link #FORMAT}
 */
public record Manifest(long storeId, int generation, int format) {

    public static final String NAME = "MANIFEST";

    /** What this version writes; raised with everything that an older one would misread. */
    public static final int FORMAT = 4;

    /** What it still reads. */
    static final int OLDEST = 3;

    private static final Pattern TEXT = Pattern.compile(
            "(turnstone-store (\\d+)\nid ([0-9a-f]{16})\n(?:generation (\\d{1,9})\n)?)crc ([0-9a-f]{8})\n.*",
            Pattern.DOTALL);

    /** Of a store that this version writes. */
    public Manifest(long storeId, int generation) {
        this(storeId, generation, FORMAT);
    }

    /** Reads it where it is present. */
    public static Manifest read(FileLayer files, Path folder) throws IOException {
        var path = folder.resolve(NAME);
        var parts = TEXT.matcher(text(files, path));
        if (!parts.matches() || !crc(parts.group(1)).equals(parts.group(5))) {
            throw new StoreException(path
                    + " is damaged: bring what is there to a new folder with 'turnstone store salvage', or restore a"
                    + " backup");
        }
        int format = Integer.parseInt(parts.group(2));
        if (format > FORMAT) {
            throw new StoreException("data folder " + folder + " was written by a newer Turnstone (store format "
                    + format + ", this one reads " + OLDEST + " to " + FORMAT
                    + "): use that version or choose another --data");
        }
        if (format < OLDEST) {
            throw new StoreException("data folder " + folder + " has store format " + format
                    + ", which was never released and is not read any more: choose another --data");
        }
        String generation = parts.group(4);
        return new Manifest(
                Long.parseUnsignedLong(parts.group(3), 16),
                generation == null ? 1 : Integer.parseInt(generation),
                format);
    }

    /** Whether there is one that can be read, of whatever version. */
    public static boolean readable(FileLayer files, Path folder) throws IOException {
        var path = folder.resolve(NAME);
        if (!files.list(folder).contains(path)) {
            return false;
        }
        var parts = TEXT.matcher(text(files, path));
        return parts.matches() && crc(parts.group(1)).equals(parts.group(5));
    }

    private static String text(FileLayer files, Path path) throws IOException {
        try (var file = files.open(path, false)) {
            var bytes = ByteBuffer.allocate((int) Math.min(file.size(), 4096));
            file.read(bytes, 0);
            return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
        }
    }

    /** Writes it beside the one that counts; nothing changes by it. */
    public void prepare(FileLayer files, Path folder, Forces forces) throws IOException {
        String text = String.format("turnstone-store %d\nid %016x\ngeneration %d\n", format, storeId, generation);
        try (var file = files.open(prepared(folder), false)) {
            file.resize(0);
            file.write(ascii(text + "crc " + crc(text) + "\n"), 0);
            forces.force(file);
        }
    }

    /** Lets what was prepared count. When this fails, either may. */
    public static void publish(FileLayer files, Path folder) throws IOException {
        files.rename(prepared(folder), folder.resolve(NAME));
        files.forceFolder(folder);
    }

    private static Path prepared(Path folder) {
        return folder.resolve(NAME + ".new");
    }

    private static String crc(String text) {
        var crc = new CRC32C();
        crc.update(ascii(text));
        return String.format("%08x", crc.getValue());
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
