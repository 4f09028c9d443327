package io.turnstone.store.tools;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.FolderLock;
import io.turnstone.store.files.Obstacle;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * What operators do with a store: look at it, verify it. Of one that nobody uses, or of one that is running, which goes
 * on meanwhile: it absorbs nothing as long as a tool looks at its files, so its journal grows.
 *
 * <p><b>Threads:</b> any, one tool at a time; never a loop, since tools take their time.
 *
 * <p><b>Errors:</b> {@link StoreException} when a folder cannot be used; its message says what to do.
 */
public final class StoreTools {

    private static final Logger log = LogManager.getLogger(StoreTools.class);

    private static final StoreSink READING = new StoreSink() {
        @Override
        public void definition(String kind, String name, byte[] value) {}

        @Override
        public void key(MessageKey key) {}

        @Override
        public void message(int queue, int level, long expiresAtMs, StoredMessage message) {}
    };

    private final StoreSource source;
    private final QueueDefinitions definitions;

    private StoreTools(StoreSource source, QueueDefinitions definitions) {
        this.source = source;
        this.definitions = definitions;
    }

    /** Tools for the store in a folder that nobody uses. */
    public static StoreTools of(Path folder, QueueDefinitions definitions) {
        return of(folder, definitions, note -> log.info("{}", note));
    }

    /**
     * Tools for the store in a folder that nobody uses.
     *
     * @param notes told in a line when the folder cannot be locked, because nobody can write there
     */
    public static StoreTools of(Path folder, QueueDefinitions definitions, Consumer<String> notes) {
        return of(folder, definitions, FileChannel::open, notes);
    }

    static StoreTools of(
            Path folder, QueueDefinitions definitions, FolderLock.Opening locking, Consumer<String> notes) {
        return new StoreTools(new StoreSource.Unused(folder, locking, notes), definitions);
    }

    /** Tools for a store that is running; empty when it keeps nothing in a folder, or is not ours. */
    public static Optional<StoreTools> of(MessageStore store, QueueDefinitions definitions) {
        return store instanceof MapDbStore ours
                ? Optional.of(new StoreTools(new StoreSource.Running(ours), definitions))
                : Optional.empty();
    }

    private StoreFindings findings(StoreView view, DamageList damage, StoreSink sink, ToolProgress progress) {
        var survey = new Survey(view, definitions, damage, sink, progress);
        var records = new RecordSurvey(view, damage);
        return new StoreFindings(
                survey.queues(), records.records(), records.unreferenced(), keptAside(), damage.places());
    }

    private List<String> keptAside() {
        try {
            var folder = source.folder();
            return SpoolFolder.keptAside(new DiskFiles(), folder).stream()
                    .map(file -> folder.relativize(file).toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads every byte of it: each checksum, each reference, each message; of a backup also whether it is what was backed
     * up.
     */
    public StoreFindings verify(ToolProgress progress) {
        return source.look((view, damage) -> {
            try {
                BackupFolder.compare(source.folder(), damage);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return findings(view, damage, READING, progress);
        });
    }

    /** What it consists of. */
    public StoreFigures stats() {
        return source.look((view, damage) -> {
            var survey = new Survey(view, definitions, damage, null, (what, done, total) -> {});
            var segments = new ArrayList<SegmentFigures>();
            for (var segment : view.index.segments()) {
                segments.add(new SegmentFigures(segment.toString(), segment.end, segment.firstPosition, segment.live));
            }
            var files = new TreeMap<String, Long>();
            int spares = 0;
            try {
                for (var path : new DiskFiles().list(source.folder())) {
                    String name = path.getFileName().toString();
                    files.put(name, Files.size(path));
                    spares += name.startsWith("spare-") ? 1 : 0;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new StoreFigures(
                    view.manifest.format(),
                    String.format("%016x", view.manifest.storeId()),
                    survey.queues(),
                    segments,
                    files,
                    spares,
                    view.pages.freeBytes(),
                    damage.places());
        });
    }

    /**
     * Copies the store as it is at this moment into a folder that is absent or empty, where it opens like after a crash.
     *
     * @return the bytes copied
     */
    public long backup(Path target, ToolProgress progress) {
        return source.read(files -> BackupFolder.write(files, target, progress));
    }

    /**
     * Copies a backup that is complete and undamaged into a folder that is absent or empty.
     *
     * @return the bytes copied
     */
    public static long restore(Path backup, Path folder, ToolProgress progress) {
        return BackupFolder.restore(backup, folder, progress);
    }

    /**
     * Writes all definitions and messages, as they are at this moment, into a file that does not exist yet; compressed
     * when its name ends in {@code .gz}. What cannot be read is left out and reported.
     */
    public StoreFindings export(Path file, ToolProgress progress) {
        return source.look((view, damage) -> {
            try (var writer = new ExportWriter(file, String.format("%016x", view.manifest.storeId()), definitions)) {
                var findings = findings(view, damage, writer, progress);
                writer.end();
                return findings;
            } catch (FileAlreadyExistsException e) {
                throw new StoreException(file + " exists, and nothing is ever overwritten: name another file", e);
            } catch (IOException | UncheckedIOException e) {
                throw new StoreException(
                        "the export to " + file + " failed (" + Obstacle.of(e).what()
                                + "); what is there is not complete: remove it, see to"
                                + " room and permissions, and try again",
                        e);
            }
        });
    }

    /**
     * Puts what an export holds into the store in a folder that nobody uses, or into a new one.
     *
     * @return how many messages
     */
    public static long importInto(Path folder, Path file, QueueDefinitions definitions, ToolProgress progress) {
        return StoreImport.run(folder, file, definitions, progress);
    }

    /**
     * Brings all that can be read of the store into a folder that is absent or empty, with the queues under their
     * numbers; what is lost is reported.
     */
    public StoreFindings salvage(Path folder, ToolProgress progress) {
        return source.look((view, damage) -> {
            try (var filling = new StoreFilling(folder)) {
                var findings = findings(view, damage, filling, progress);
                filling.finish();
                return findings;
            }
        });
    }
}
