package io.turnstone.store.journal;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Numbers records and keeps nothing. */
public final class MemoryLog implements CommitLog {

    private long position;
    private @Nullable StoreException failure;

    @Override
    public int append(List<Submission> group) {
        int written = 0;
        for (var submission : group) {
            if (failure != null) {
                submission.failure = failure;
            } else if (submission.written()) {
                submission.position = position + 1;
                position += submission.record instanceof StoreRecord.Commit commit ? commit.span() : 1;
                written++;
            }
        }
        return written;
    }

    @Override
    public StoreException broken(Throwable cause) {
        if (failure == null) {
            failure = new StoreException("the store is closed for writing (" + cause + "): restart", cause);
        }
        return failure;
    }
}
