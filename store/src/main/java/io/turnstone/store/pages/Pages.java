package io.turnstone.store.pages;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.Checksum;
import io.turnstone.store.files.Forces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mapdb.DB;
import org.mapdb.DBException;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;
import org.mapdb.StoreDirect;

/**
 * The records in MapDB, each framed with what it is and checksums that know the store and the record's number. Owned by
 * the checkpointer; while the store opens, by the thread that opens it.
 */
public final class Pages implements AutoCloseable {

    public static final int BLOCK = 'B';
    public static final int BODY = 'X';
    public static final int COUNTER = 'C';
    public static final int SHEET = 'S';
    public static final int ROOT = 'R';
    public static final int DEFINITION = 'D';
    static final int META = 'M';

    private static final int HEADER = 24;
    private static final int VERSION = 2;
    private static final int META_SIZE = 32;

    /** MapDB keeps the first record numbers for itself. */
    static final long FIRST_RECID = 9;

    /** The record with the figures of the store is the first we make, soon after MapDB's own. */
    private static final int META_WITHIN = 64;

    private static final String REMEDY =
            ", so nothing can be written to it: make room for another one and restart, then"
                    + " what can be read is copied to that; or bring it to a new folder with 'turnstone store salvage', or restore"
                    + " a backup";

    private final CrashSafeVolume volume;
    private final DB db;
    private final StoreDirect store;
    private final long storeId;
    private final GenerationFiles generation;
    private final Origin origin;
    private long metaRecid;
    private long highestRecid;
    private Meta figures = new Meta(0, 0, 0, List.of());

    /** Why nothing of it may be committed, or empty. */
    private final String unsound;

    /** It is unsound, and hardly anything in it is ours. */
    private final boolean foreign;

    /**
     * One record.
     *
     * @param queue the queue's number, of a block
     * @param level the level in the queue, of a block
     * @param count how many messages, in a block
     */
    public record Page(int kind, int queue, int level, int count, ByteBuffer content) {}

    /**
     * Figures of the store as of the last commit.
     *
     * @param absorbedThrough the last journal segment that is not needed any more
     * @param position a position that was in use; later ones are in the journal
     * @param highestQueue the highest queue number ever seen
     * @param roots the records with the numbers of those that are read on opening
     */
    public record Meta(long absorbedThrough, long position, long highestQueue, List<Long> roots) {}

    private Pages(CrashSafeVolume volume, long storeId, GenerationFiles generation) throws IOException {
        this.generation = generation;
        this.volume = volume;
        this.storeId = storeId;
        boolean existed = volume.exists();
        origin = new Origin(volume, storeId);
        String links = existed ? TableLinks.mend(volume, origin) : "";
        var free = existed ? new FreeSpace(volume, new RecordTable(volume)) : null;
        String wrong = "";
        DB opened = null;
        try {
            opened = make();
            String problem = free == null ? "" : free.problem();
            wrong = problem.isEmpty() ? "" : "says what is free (" + problem + ")";
        } catch (DBException | IndexOutOfBoundsException | AssertionError e) {
            wrong = "says how to read it (" + e + ")";
        }
        if (!links.isEmpty()) {
            wrong = "says where its records are (" + links + ")";
        }
        if (wrong.isEmpty() && existed && generation.damaged()) {
            wrong = "was to write it before";
        }
        foreign = !wrong.isEmpty() && origin.isForeign();
        if (!wrong.isEmpty() && free != null) {
            free.forget();
            opened = make();
        }
        if (opened == null) {
            throw new IndexOutOfBoundsException("it " + wrong);
        }
        db = opened;
        store = (StoreDirect) db.getStore();
        unsound = wrong;
    }

    private DB make() {
        return DBMaker.volumeDB(volume, volume.exists()).concurrencyDisable().make();
    }

    /**
     * Opens a generation, or makes it. One that is {@linkplain #unsound damaged} so that nothing may be written to it can be
     * read: changes are seen then as long as it is open, and are never committed.
     */
    public static Pages open(GenerationFiles generation, long storeId, Consumer<String> damage, Forces forces)
            throws IOException {
        var volume = generation.open(storeId, what -> damage.accept("MapDB: " + what));
        boolean existed = volume.exists();
        var pages = open(volume, storeId, generation);
        if (!existed) {
            try {
                pages.metaRecid = pages.add(META, 0, 0, 1, new byte[META_SIZE]);
                pages.meta(new Meta(0, 0, 0, List.of()));
                pages.commit(forces);
                generation.files().forceFolder(generation.folder());
            } catch (IOException | UncheckedIOException e) {
                pages.close();
                throw e;
            }
        }
        return pages;
    }

    private static Pages open(CrashSafeVolume volume, long storeId, GenerationFiles generation) throws IOException {
        try {
            return new Pages(volume, storeId, generation);
        } catch (DBException | IndexOutOfBoundsException | AssertionError e) {
            volume.close();
            throw new StoreException(
                    generation.db() + " is damaged where MapDB says how to read it (" + e
                            + "): bring what is there to a new folder with 'turnstone store salvage', or restore the"
                            + " folder from a backup",
                    e);
        }
    }

    /** As it was committed last, without what was changed since; takes the place of this. */
    public Pages asCommitted() throws IOException {
        volume.forget();
        return open(volume, storeId, generation);
    }

    /** Why nothing may be written to it, empty when it is sound. */
    public String unsound() {
        return unsound.isEmpty() ? "" : generation.db() + " is damaged where MapDB " + unsound;
    }

    /** Whether another store wrote it, or none. */
    public boolean isForeign() {
        return foreign || (unsound.isEmpty() && findFigures(new ArrayList<>(1)) == null && origin.isForeign());
    }

    /** Fails when it is {@linkplain #unsound damaged}. */
    public void requireSound() {
        if (!unsound.isEmpty()) {
            throw new StoreException(unsound() + REMEDY);
        }
    }

    /** Notes the figures for the next commit. */
    public void meta(Meta meta) {
        figures = meta;
        var content = ByteBuffer.allocate(META_SIZE + 8 * meta.roots.size())
                .putLong(meta.absorbedThrough)
                .putLong(meta.position)
                .putLong(meta.highestQueue)
                .putLong(highestRecid);
        meta.roots.forEach(content::putLong);
        update(metaRecid, META, 0, 0, 1, content.array());
    }

    /** The figures that were noted last. */
    public Meta figures() {
        return figures;
    }

    /** Reads the figures of the last commit; null when they are lost and everything must be looked at. */
    @Nullable
    public Meta findMeta(Consumer<String> damage) {
        var unreadable = new ArrayList<Long>(1);
        var content = findFigures(unreadable);
        if (content != null) {
            long absorbedThrough = content.getLong();
            long position = content.getLong();
            long highestQueue = content.getLong();
            highestRecid = content.getLong();
            var roots = new ArrayList<Long>();
            while (content.remaining() >= 8) {
                roots.add(content.getLong());
            }
            figures = new Meta(absorbedThrough, position, highestQueue, roots);
            return figures;
        }
        damage.accept("MapDB: the record with the figures of the store is damaged");
        // it was the first that was ever made, and is written there again with the next commit
        metaRecid = unreadable.isEmpty() ? add(META, 0, 0, 1, new byte[META_SIZE]) : unreadable.get(0);
        highestRecid = -1;
        return null;
    }

    private @Nullable ByteBuffer findFigures(List<Long> unreadable) {
        var table = new RecordTable(volume);
        for (long recid = FIRST_RECID; recid < FIRST_RECID + META_WITHIN; recid++) {
            long tried = recid;
            var page = getIfPresent(recid, table.value(recid), what -> unreadable.add(tried));
            if (page != null && page.kind == META) {
                metaRecid = recid;
                return page.content;
            }
        }
        return null;
    }

    /** From now on many records are read that lie beside each other, until {@link #opened}. */
    public void opening() {
        volume.opening();
    }

    /** What was to be read on opening has been read. */
    public void opened() {
        volume.opened();
    }

    /** Whether records of the last commit may be as they were before it, which no record says by itself. */
    public boolean doubtful() {
        return volume.doubtful();
    }

    /** Makes a record; its number. */
    public long add(int kind, int queue, int level, int count, byte[] content) {
        long recid = writing(store::preallocate);
        highestRecid = Math.max(highestRecid, recid);
        update(recid, kind, queue, level, count, content);
        return recid;
    }

    /** Writes a record anew, with all it says. */
    public void update(long recid, int kind, int queue, int level, int count, byte[] content) {
        var frame = ByteBuffer.allocate(sizeClass(HEADER + content.length));
        frame.putInt(kind << 24 | VERSION << 16 | level)
                .putInt(queue)
                .putInt(count)
                .putInt(content.length);
        frame.position(HEADER).put(content);
        var sum = new Checksum(Checksum.seed(storeId, recid));
        frame.putInt(16, sum.of(frame, 0, 16));
        frame.putInt(20, sum.of(frame, HEADER, content.length));
        writing(() -> {
            store.update(recid, frame.array(), Serializer.BYTE_ARRAY_NOSIZE);
            return recid;
        });
    }

    /** MapDB reads on the way what it knows of free space and free numbers, which no checksum of ours covers. */
    private long writing(LongSupplier step) {
        try {
            return step.getAsLong();
        } catch (DBException | IndexOutOfBoundsException | NegativeArraySizeException | AssertionError e) {
            markDamaged(e);
            throw new StoreException(
                    generation.db() + " is damaged where MapDB says what is free (" + e + ")" + REMEDY, e);
        }
    }

    /** The next start need not find it out again. */
    private void markDamaged(Throwable found) {
        try {
            generation.markDamaged();
        } catch (IOException e) {
            found.addSuppressed(e);
        }
    }

    /** Few sizes, so that freed space fits again: MapDB reuses space of the very same size only. */
    static int sizeClass(int size) {
        int step = Math.max(64, Integer.highestOneBit(size) >> 3);
        return (size + step - 1) / step * step;
    }

    /** Frees a record and its number. */
    public void delete(long recid) {
        writing(() -> {
            store.delete(recid, Serializer.BYTE_ARRAY_NOSIZE);
            return recid;
        });
    }

    /** Frees a record of a damaged store to which nothing refers; where MapDB cannot, it stays, and that is told. */
    public void discard(long recid, Consumer<String> damage) {
        try {
            delete(recid);
        } catch (StoreException e) {
            damage.accept(String.valueOf(e.getMessage()));
        }
    }

    /** The record, or null when its bytes are not what was written; {@code damage} is told then. */
    @Nullable
    public Page get(long recid, Consumer<String> damage) {
        try {
            return get(recid, store.get(recid, Serializer.BYTE_ARRAY_NOSIZE), damage);
        } catch (DBException | IndexOutOfBoundsException | NegativeArraySizeException | AssertionError e) {
            damage.accept("MapDB record " + recid + " cannot be read: " + e);
            return null;
        }
    }

    /** Like {@link #get}, but a record that the table does not have, or that was made and never written, is no damage. */
    private @Nullable Page getIfPresent(long recid, long value, Consumer<String> damage) {
        if (RecordTable.free(value)) {
            return null;
        }
        try {
            byte[] bytes = store.get(recid, Serializer.BYTE_ARRAY_NOSIZE);
            return bytes == null ? null : get(recid, bytes, damage);
        } catch (DBException | IndexOutOfBoundsException | NegativeArraySizeException | AssertionError e) {
            damage.accept("MapDB record " + recid + " cannot be read: " + e);
            return null;
        }
    }

    private @Nullable Page get(long recid, byte @Nullable [] bytes, Consumer<String> damage) {
        if (bytes == null || bytes.length < HEADER) {
            damage.accept("MapDB record " + recid + " is empty");
            return null;
        }
        var frame = ByteBuffer.wrap(bytes);
        var sum = new Checksum(Checksum.seed(storeId, recid));
        int length = frame.getInt(12);
        boolean head = sum.of(frame, 0, 16) == frame.getInt(16) && length <= bytes.length - HEADER;
        if (head && sum.of(frame, HEADER, length) == frame.getInt(20)) {
            return new Page(
                    frame.getInt(0) >>> 24,
                    frame.getInt(4),
                    frame.getInt(0) & 0xFFFF,
                    frame.getInt(8),
                    frame.slice(HEADER, length));
        }
        damage.accept("MapDB record " + recid + " is damaged (" + generation.name() + " at " + volume.lastRead() + ")"
                + (head ? lost(frame) : ""));
        return null;
    }

    private static String lost(ByteBuffer frame) {
        return switch (frame.getInt(0) >>> 24) {
            case BLOCK -> ": queue " + frame.getInt(4) + " lost up to " + frame.getInt(8) + " messages";
            case BODY -> ": the body of a message is lost";
            case DEFINITION -> ": a definition is lost";
            default -> "";
        };
    }

    /** Receives every record that can be read. */
    public interface PageVisitor {
        /** One record by its number. */
        void page(long recid, Page page);
    }

    /*
     * MapDB's own walk over all records fails when its locks are disabled (3.1.0), and it answers for a number that does not
     * exist with an exception: so its table is read without it.
     */
    /** Visits all records but the figures, in order of their numbers; only what was damaged needs it. */
    public void scan(PageVisitor visitor, Consumer<String> damage) {
        new RecordTable(volume).forEach((recid, value) -> {
            boolean ours = recid >= FIRST_RECID && recid != metaRecid;
            var page = ours ? getIfPresent(recid, value, damage) : null;
            if (page != null) {
                highestRecid = Math.max(highestRecid, recid);
                visitor.page(recid, page);
            }
        });
    }

    /** Makes all changes durable at once; after an {@link IOException} it may be called again. */
    public void commit(Forces forces) throws IOException {
        requireSound();
        try {
            db.commit();
            volume.commit(forces);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Memory taken by pages that the next commit writes, in bytes. */
    public long heldBytes() {
        return volume.heldBytes();
    }

    /** Bytes of the file that nothing is in. */
    public long freeBytes() {
        return store.getFreeSize();
    }

    /** Length of the file in bytes. */
    public long fileBytes() {
        return volume.length();
    }

    /** Bytes of the file that hold something; all of them when MapDB cannot tell. */
    public long liveBytes() {
        try {
            return store.getTotalSize() - freeBytes();
        } catch (DBException | IndexOutOfBoundsException | AssertionError e) {
            return fileBytes();
        }
    }

    /** Releases the files without committing. */
    @Override
    public void close() {
        volume.close();
    }

    /** The bytes of a page, on their own. */
    public static byte[] copy(ByteBuffer content) {
        var bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        return bytes;
    }
}
