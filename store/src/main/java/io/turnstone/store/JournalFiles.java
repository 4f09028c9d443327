package io.turnstone.store;

import static io.turnstone.store.JournalFormat.SEGMENT_HEADER;

import io.turnstone.store.JournalFormat.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out which files of a folder are segments of the journal. Owned by the thread that opens the store. */
final class JournalFiles {

    private static final Pattern JOURNAL = Pattern.compile("journal-([0-9a-f]{16})\\.log");
    private static final Pattern SPARE = Pattern.compile("spare-.*\\.log");

    private final FileLayer files;
    private final Path folder;
    private final long storeId;
    private final SegmentPool pool;
    private final StoreHealth health;

    JournalFiles(FileLayer files, Path folder, long storeId, SegmentPool pool, StoreHealth health) {
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
     */
    record Found(Segment segment, long previousEnd) {}

    /** The segments by sequence; what is none becomes a spare. */
    List<Found> find(long segmentBytes) throws IOException {
        var found = new ArrayList<Found>();
        for (var path : files.list(folder)) {
            var name = JOURNAL.matcher(path.getFileName().toString());
            boolean named = name.matches();
            if (named || SPARE.matcher(path.getFileName().toString()).matches()) {
                var segment = read(path, named ? Long.parseUnsignedLong(name.group(1), 16) : -1, segmentBytes);
                if (segment == null) {
                    pool.adopt(path);
                } else {
                    found.add(segment);
                }
            }
        }
        found.sort(Comparator.comparingLong(each -> each.segment.sequence));
        return found;
    }

    private @Nullable Found read(Path path, long named, long length) throws IOException {
        var file = files.open(path, true);
        Found found = null;
        try {
            var bytes = ByteBuffer.allocate(SEGMENT_HEADER);
            file.read(bytes, 0);
            bytes.flip();
            var header = SegmentHeader.decode(bytes);
            if (header != null && header.storeId() == storeId) {
                var segment = new Segment(path, file, header.sequence(), header.firstPosition(), length);
                found = new Found(segment, header.previousEnd());
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
     * Header and first group are one write. More than one group behind a bad header means that the header was good
     * once; a single one may be what arrived of a write that did not finish.
     */
    private @Nullable Found headless(Segment nameless) throws IOException {
        var reader = new SegmentReader(storeId, nameless, new JournalVisitor() {}, what -> {});
        reader.readLast();
        if (reader.groups() <= 1) {
            return null;
        }
        health.damaged(nameless + ": the header is damaged; its records were readable");
        var segment =
                new Segment(nameless.path, nameless.file, nameless.sequence, reader.firstPosition(), nameless.length);
        return new Found(segment, -1);
    }
}
