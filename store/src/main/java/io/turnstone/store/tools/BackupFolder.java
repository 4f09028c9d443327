package io.turnstone.store.tools;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.checkpoint.HeldFiles;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.Obstacle;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A copy of a store's files with a list of them, which is written last: without it the copy is not complete. The store's
 * identity is copied last of the files, so that no broker starts on a part of them. Used by one thread.
 */
final class BackupFolder {

    static final String LIST = StoreFolder.BACKED_UP;
    static final String INCOMPLETE = "BACKUP.incomplete";

    private static final String HEAD = "turnstone-backup 1";
    private static final int PIECE = 1 << 20;
    /** What bodies in files are called. */
    private static final String SPOOLED = SpoolFolder.NAME + "/";

    private final Path folder;
    private final ToolProgress progress;
    private final String part;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    private long done;
    private long total;

    /** One file of the list. */
    private record Listed(String name, long length, int crc) {
        String line() {
            return String.format("file %s %d %08x", name, length, crc);
        }

        static Listed of(String line) {
            var parts = line.split(" ");
            boolean spooled = parts.length == 4 && parts[1].startsWith(SPOOLED);
            String name = spooled ? parts[1].substring(SPOOLED.length()) : parts.length == 4 ? parts[1] : "";
            if (!parts[0].equals("file") || name.isEmpty() || name.contains("/") || name.contains("\\")) {
                throw new IllegalArgumentException(line);
            }
            return new Listed(parts[1], Long.parseLong(parts[2]), Integer.parseUnsignedInt(parts[3], 16));
        }
    }

    private BackupFolder(Path folder, String part, ToolProgress progress) {
        this.folder = folder;
        this.part = part;
        this.progress = progress;
    }

    /** Copies files into a folder that is absent or empty; the bytes copied. */
    static long write(HeldFiles files, Path target, ToolProgress progress) {
        var backup = new BackupFolder(target, "backup", progress);
        try {
            backup.prepare();
            backup.note(INCOMPLETE, "");
            backup.copyAll(files);
            Files.delete(target.resolve(INCOMPLETE));
            new DiskFiles().forceFolder(target);
            return backup.done;
        } catch (IOException e) {
            throw new StoreException(
                    "the backup to " + target + " failed (" + Obstacle.of(e).what()
                            + "); what is there is not complete: remove it, see to"
                            + " room and permissions, and try again",
                    e);
        }
    }

    private void prepare() throws IOException {
        if (Files.exists(folder)) {
            try (var present = Files.list(folder)) {
                if (present.findAny().isPresent()) {
                    throw new StoreException(
                            folder + " is not empty, and nothing is ever overwritten: name another folder");
                }
            }
        }
        Files.createDirectories(folder.resolve(SpoolFolder.NAME));
    }

    private void note(String name, String text) throws IOException {
        try (var file =
                FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        new DiskFiles().forceFolder(folder);
    }

    private void copyAll(HeldFiles files) throws IOException {
        var sorted = new ArrayList<>(files.lengths().entrySet());
        sorted.sort(Map.Entry.comparingByKey(identityLast()));
        total = files.lengths().values().stream().mapToLong(Long::longValue).sum();
        var text = new StringBuilder(HEAD).append('\n');
        for (var file : sorted) {
            var path = file.getKey();
            long length = file.getValue();
            String name = name(path, files.folder());
            int crc = copy(path, name, length);
            text.append(new Listed(name, length, crc).line()).append('\n');
        }
        new DiskFiles().forceFolder(folder.resolve(SpoolFolder.NAME));
        note(LIST, text + String.format("crc %08x\n", crc(text.toString())));
    }

    private static String name(Path path, Path folder) {
        String name = path.getFileName().toString();
        return folder.equals(path.getParent()) ? name : SPOOLED + name;
    }

    private static Comparator<Path> identityLast() {
        return Comparator.comparing((Path path) -> path.endsWith(Manifest.NAME)).thenComparing(path -> path);
    }

    /** Copies the beginning of a file; the checksum of it. */
    private int copy(Path path, String name, long length) throws IOException {
        var crc = new CRC32C();
        try (var from = FileChannel.open(path, StandardOpenOption.READ);
                var to = FileChannel.open(
                        folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < length; ) {
                buffer.clear().limit((int) Math.min(PIECE, length - at));
                int read = from.read(buffer, at);
                if (read < 0) {
                    throw new IOException(path + " ends at " + at + " and not at " + length);
                }
                buffer.flip();
                crc.update(buffer.duplicate());
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                at += read;
                done += read;
                progress.at(part, done, total);
            }
            to.force(true);
        }
        return (int) crc.getValue();
    }

    private static int crc(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    /** Copies a complete backup into a folder that is absent or empty, and compares every byte; the bytes copied. */
    static long restore(Path backup, Path target, ToolProgress progress) {
        var listed = list(backup);
        var restored = new BackupFolder(target, "restore", progress);
        try {
            restored.prepare();
        } catch (IOException e) {
            throw StoreFolder.unusable(target, e);
        }
        restored.total = listed.stream().mapToLong(Listed::length).sum();
        try {
            for (var file : listed) {
                restored.restore(backup.resolve(file.name), file);
            }
            new DiskFiles().forceFolder(target.resolve(SpoolFolder.NAME));
            new DiskFiles().forceFolder(target);
            return restored.done;
        } catch (IOException | StoreException e) {
            restored.remove(listed, e);
            throw e instanceof StoreException told
                    ? told
                    : new StoreException(
                            "the backup in " + backup + " cannot be restored to " + target + " (" + e
                                    + "): see to room and permissions and try again",
                            e);
        }
    }

    private void restore(Path from, Listed file) throws IOException {
        if (!Files.isRegularFile(from)
                || Files.size(from) != file.length
                || copy(from, file.name, file.length) != file.crc) {
            throw new StoreException("the backup is damaged: " + from
                    + " is not what was written; take another backup, or salvage this one");
        }
    }

    /** Notes which files of a folder are not what the backup wrote that made it; none when no backup did. */
    static void compare(Path folder, DamageList damage) throws IOException {
        if (!Files.exists(folder.resolve(LIST))) {
            return;
        }
        List<Listed> listed;
        try {
            listed = list(folder);
        } catch (StoreException e) {
            damage.add(String.valueOf(e.getMessage()));
            return;
        }
        for (var file : listed) {
            var path = folder.resolve(file.name);
            if (!Files.isRegularFile(path)) {
                damage.add(path + " is missing, which the backup wrote");
            } else if (Files.size(path) != file.length || crc(path) != file.crc) {
                damage.add(path + " is not what the backup wrote");
            }
        }
    }

    private static int crc(Path path) throws IOException {
        var crc = new CRC32C();
        var piece = ByteBuffer.allocate(PIECE);
        try (var from = FileChannel.open(path, StandardOpenOption.READ)) {
            while (from.read(piece.clear()) >= 0) {
                crc.update(piece.flip());
            }
        }
        return (int) crc.getValue();
    }

    private void remove(List<Listed> files, Exception cause) {
        try {
            for (var file : files) {
                Files.deleteIfExists(folder.resolve(file.name));
            }
            Files.deleteIfExists(folder.resolve(SpoolFolder.NAME));
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static List<Listed> list(Path backup) {
        if (Files.exists(backup.resolve(INCOMPLETE))) {
            throw new StoreException("the backup in " + backup + " was interrupted and is not complete: take another");
        }
        try {
            if (!Files.isRegularFile(backup.resolve(LIST))) {
                throw new StoreException(
                        "there is no backup in " + backup + ": name a folder that was made by a backup");
            }
            String text = Files.readString(backup.resolve(LIST));
            int end = text.indexOf("crc ");
            String sum = end < 0 ? "" : String.format("crc %08x\n", crc(text.substring(0, end)));
            if (end < 0 || !text.startsWith(HEAD + "\n") || !text.substring(end).equals(sum)) {
                throw new IllegalArgumentException(LIST);
            }
            return text.substring(0, end).lines().skip(1).map(Listed::of).toList();
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException(
                    "the list of the backup, " + backup.resolve(LIST) + ", is damaged (" + e
                            + "): take another backup, or salvage this one",
                    e);
        }
    }
}
