package io.turnstone.store.journal;

import static io.turnstone.store.journal.JournalFormat.SEGMENT_HEADER;

import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.files.TolerantReads;
import io.turnstone.store.journal.JournalFormat.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out which files of a folder are segments of the journal. Owned by the thread that opens the store. */
public final class JournalFiles {

    private static final Pattern JOURNAL = Pattern.compile("journal-([0-9a-f]{16})\\.log");
    private static final Pattern SPARE = Pattern.compile("spare-.*\\.log");

    private static final long UNREADABLE = -2;

    private final FileLayer files;
    private final Path folder;
    private final long storeId;
    private final SegmentPool pool;
    private final StoreHealth health;

    public JournalFiles(FileLayer files, Path folder, long storeId, SegmentPool pool, StoreHealth health) {
        this.files = files;
        this.folder = folder;
        this.storeId = storeId;
        this.pool = pool;
        this.health = health;
    }

    /**
     * One segment.
     *
     * @param previousEnd the end of its predecessor, or -1 when its header is lost
     * @param mayBeOldest whether it does not say that others come before it
     */
    public record Found(Segment segment, long previousEnd, boolean mayBeOldest) {
        /** Whether neither its header nor any group of it verifies. */
        boolean unreadable() {
            return previousEnd == UNREADABLE;
        }
    }

    /** The segments by sequence; what is none becomes a spare. */
    public List<Found> find(long segmentBytes) throws IOException {
        var found = new ArrayList<Found>();
        var unreadable = new ArrayList<Found>(0);
        for (var path : files.list(folder)) {
            var name = JOURNAL.matcher(path.getFileName().toString());
            boolean named = name.matches();
            if (named || SPARE.matcher(path.getFileName().toString()).matches()) {
                var segment = read(path, named ? Long.parseUnsignedLong(name.group(1), 16) : -1, segmentBytes);
                if (segment == null) {
                    pool.adopt(path);
                } else if (segment.unreadable()) {
                    unreadable.add(segment);
                } else {
                    found.add(segment);
                }
            }
        }
        found.sort(Comparator.comparingLong(each -> each.segment.sequence));
        for (var each : unreadable) {
            // nothing is written behind a write that did not finish, so with a successor it was whole once
            if (!found.isEmpty() && each.segment.sequence < found.get(found.size() - 1).segment.sequence) {
                health.damaged(each.segment + ": the header is damaged, and no record was readable");
            }
            each.segment.file.close();
            pool.adopt(each.segment.path);
        }
        return found;
    }

    private @Nullable Found read(Path path, long named, long length) throws IOException {
        var file = files.open(path, true);
        Found found = null;
        try {
            var bytes = ByteBuffer.allocate(SEGMENT_HEADER);
            TolerantReads.read(file, bytes, 0, what -> {});
            bytes.flip();
            var header = SegmentHeader.decode(bytes);
            if (header != null && header.storeId() == storeId) {
                var segment = new Segment(path, file, header.sequence(), header.firstPosition(), length);
                found = new Found(segment, header.previousEnd(), header.before() != SegmentHeader.SOME);
            } else if (named > 0 && !SegmentPool.left(bytes)) {
                found = headless(new Segment(path, file, named, 0, length));
            }
            return found;
        } finally {
            if (found == null) {
                file.close();
            }
        }
    }

    /*
     * Header and first group are one write, and the group begins in the sector in which the header lies: any whole group
     * means that the header was good once.
     */
    private Found headless(Segment nameless) throws IOException {
        var reader = new SegmentReader(storeId, nameless, new JournalVisitor() {}, what -> {});
        reader.readLast();
        if (reader.groups() == 0) {
            return new Found(nameless, UNREADABLE, true);
        }
        health.damaged(nameless + ": the header is damaged; its records were readable");
        var segment =
                new Segment(nameless.path, nameless.file, nameless.sequence, reader.firstPosition(), nameless.length);
        return new Found(segment, -1, true);
    }
}
