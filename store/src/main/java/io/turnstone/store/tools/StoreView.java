package io.turnstone.store.tools;

import static io.turnstone.store.journal.JournalFormat.SEGMENT_HEADER;

import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.store.checkpoint.HeldFiles;
import io.turnstone.store.checkpoint.LiveIndex;
import io.turnstone.store.checkpoint.MessageReader;
import io.turnstone.store.checkpoint.Replay;
import io.turnstone.store.checkpoint.StoredPages;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.OverlaidFiles;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.files.TolerantReads;
import io.turnstone.store.journal.JournalFiles;
import io.turnstone.store.journal.JournalFormat.SegmentHeader;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.pages.GenerationFiles;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mapdb.DBException;

/**
 * A store as its files say it is at one moment, opened like after a crash and never changed. What is damaged is noted
 * and passed over, whatever it is. Owned by one thread.
 */
final class StoreView implements AutoCloseable {

    private final OverlaidFiles files;
    private final Path folder;
    private final DamageList damage;
    private final SegmentPool pool;
    private final Replay replay;
    private final MessageReader reader;
    final LiveIndex index = new LiveIndex();
    final Pages pages;
    final SpoolFolder spool;
    final Manifest manifest;

    private StoreView(OverlaidFiles files, Path folder, DamageList damage) throws IOException {
        this.files = files;
        this.folder = folder;
        this.damage = damage;
        manifest = identity();
        long storeId = manifest.storeId();
        var health = new StoreHealth(folder, files, damage::add);
        pages = openPages();
        try {
            pool = new SegmentPool(files, folder, StoreOptions.DEFAULTS);
            spool = SpoolFolder.look(files, folder, health);
            var stored = new StoredPages(pages, health);
            stored.load(index, spool);
            replay = new Replay(index, stored, health, pool, spool, storeId);
            replay.run(
                    new JournalFiles(files, folder, storeId, pool, health).find(StoreOptions.DEFAULTS.segmentBytes()));
            reader = new MessageReader(index, () -> pages, spool, storeId, health);
        } catch (IOException | RuntimeException | Error e) {
            pages.close();
            throw e;
        }
    }

    /** Looks at files that stay as they are meanwhile. */
    static StoreView of(HeldFiles held, DamageList damage) {
        try {
            return new StoreView(new OverlaidFiles(held.lengths()), held.folder(), damage);
        } catch (IOException | UncheckedIOException | DBException e) {
            throw StoreFolder.unusable(held.folder(), e);
        }
    }

    private Manifest identity() throws IOException {
        if (Manifest.readable(files, folder)) {
            return Manifest.read(files, folder);
        }
        long id = identityOfJournal();
        damage.add(Manifest.NAME + " is damaged or missing; the number of the store was found in its journal");
        return new Manifest(id, GenerationFiles.first(files, folder).number());
    }

    /** What most segments say. */
    private long identityOfJournal() throws IOException {
        Map<Long, Integer> votes = new HashMap<>();
        for (var path : files.list(folder)) {
            if (path.getFileName().toString().endsWith(".log")) {
                try (var file = files.open(path, false)) {
                    var bytes = ByteBuffer.allocate(SEGMENT_HEADER);
                    TolerantReads.read(file, bytes, 0, what -> {});
                    var header = SegmentHeader.decode(bytes.flip());
                    if (header != null) {
                        votes.merge(header.storeId(), 1, Integer::sum);
                    }
                }
            }
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow(() -> new StoreException("there is no store in " + folder + ", or neither its "
                        + Manifest.NAME + " nor a segment of its journal can be read: name a broker's data"
                        + " folder, or restore it from a backup"))
                .getKey();
    }

    private Pages openPages() throws IOException {
        var generation = new GenerationFiles(files, folder, manifest.generation());
        try {
            generation.removeOthers();
            return open(generation);
        } catch (IOException | UncheckedIOException | StoreException | DBException | AssertionError e) {
            damage.add(generation.name() + " cannot be opened (" + e
                    + "); everything in it is lost, and what removals and moves in the journal refer to");
            for (var path : files.list(folder)) {
                if (path.getFileName().toString().startsWith("mapdb-")) {
                    files.delete(path);
                }
            }
            return Pages.open(generation, manifest.storeId(), damage::add, FailedForce::force);
        }
    }

    private Pages open(GenerationFiles generation) throws IOException {
        var opened = Pages.open(generation, manifest.storeId(), damage::add, FailedForce::force);
        if (!opened.unsound().isEmpty()) {
            damage.add(opened.unsound());
        }
        return opened;
    }

    /** Tells what lives. */
    void tell(Recovery recovery) {
        replay.tell(recovery, !files.list(folder).contains(folder.resolve(StoreFolder.MARK)));
    }

    /** Messages that live; those that cannot be read are missing. */
    List<StoredMessage> read(int queue, long[] positions) throws IOException {
        return reader.read(queue, positions);
    }

    @Override
    public void close() {
        try {
            for (var segment : index.segments()) {
                segment.file.close();
            }
            pool.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            pages.close();
        }
    }
}
