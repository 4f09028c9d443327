package io.turnstone.store.checkpoint;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Messages that a queue wants back. Immutable.
 *
 * @param positions ascending
 */
public record ReadRequest(int queue, long[] positions, Loop loop, MessageStore.Loaded loaded) {

    private static final Logger log = LogManager.getLogger(ReadRequest.class);

    void answer(List<StoredMessage> messages) {
        tell(messages, null);
    }

    void refuse(StoreException failure) {
        tell(null, failure);
    }

    private void tell(@Nullable List<StoredMessage> messages, @Nullable StoreException failure) {
        try {
            loop.execute(() -> loaded.loaded(messages, failure));
        } catch (RejectedExecutionException e) {
            log.debug("loop={} is closed and hears nothing of what it read", loop.index());
        }
    }
}
