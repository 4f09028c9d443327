package io.turnstone.store;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What operators do with a store: look at it, verify it. Of one that nobody uses, or of one that is running, which goes
 * on meanwhile: it absorbs nothing as long as a tool looks at its files, so its journal grows.
 *
 * <p><b>Threads:</b> any, one tool at a time; never a loop, since tools take their time.
 *
 * <p><b>Errors:</b> {@link StoreException} when a folder cannot be used; its message says what to do.
 */
public final class StoreTools {

    private final StoreSource source;
    private final QueueDefinitions definitions;

    private StoreTools(StoreSource source, QueueDefinitions definitions) {
        this.source = source;
        this.definitions = definitions;
    }

    /** Tools for the store in a folder that nobody uses. */
    public static StoreTools of(Path folder, QueueDefinitions definitions) {
        return new StoreTools(new StoreSource.Unused(folder), definitions);
    }

    /** Tools for a store that is running; empty when it keeps nothing in a folder, or is not ours. */
    public static Optional<StoreTools> of(MessageStore store, QueueDefinitions definitions) {
        return store instanceof MapDbStore ours
                ? Optional.of(new StoreTools(new StoreSource.Running(ours), definitions))
                : Optional.empty();
    }

    /** Reads every byte of it: each checksum, each reference, each message. */
    public StoreFindings verify(ToolProgress progress) {
        return source.look((view, damage) -> {
            var survey = new Survey(view, definitions, damage, true, progress);
            var records = new RecordSurvey(view, damage);
            return new StoreFindings(survey.queues(), records.records(), records.unreferenced(), damage.places());
        });
    }

    /** What it consists of. */
    public StoreFigures stats() {
        return source.look((view, damage) -> {
            var survey = new Survey(view, definitions, damage, false, (what, done, total) -> {});
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
                    StoreFolder.FORMAT,
                    String.format("%016x", view.storeId),
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
}
