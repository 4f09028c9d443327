package io.turnstone.store.journal;

import io.turnstone.store.files.StoreFile;
import java.nio.file.Path;

/**
 * One file of the journal. The identity is immutable; the figures below it are owned by the checkpointer.
 */
public final class Segment {

    public final Path path;
    public final StoreFile file;
    public final long sequence;

    /** The position of its first record, or the one it would have had. */
    public final long firstPosition;

    /** Length of the file in bytes, as far as it is reserved. */
    final long length;

    /** The end of its last group that is known to be durable. */
    public long end = JournalFormat.SEGMENT_HEADER;

    /** Where its records are. */
    public final RecordOffsets offsets;

    /** Entries whose body lies here and nowhere else. */
    public long live;

    /** Whether it holds records that change entries absorbed before or after it was written. */
    public boolean edits;

    /** Whether it holds records that MapDB must hear of before the segment may leave. */
    public boolean dirty;

    Segment(Path path, StoreFile file, long sequence, long firstPosition, long length) {
        this.path = path;
        this.file = file;
        this.sequence = sequence;
        this.firstPosition = firstPosition;
        this.length = length;
        offsets = new RecordOffsets(firstPosition);
    }

    /** Whether it may leave the journal without any work. */
    public boolean done() {
        return live == 0 && !edits && !dirty;
    }

    @Override
    public String toString() {
        return path.getFileName().toString();
    }
}
