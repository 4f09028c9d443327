package io.turnstone.store.bench;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages that were asked for; answers may overtake each other. Owned by the loop. */
final class Reading implements MessageStore.Loaded {

    private final int asked;
    private @Nullable List<StoredMessage> messages;

    Reading(int asked) {
        this.asked = asked;
    }

    @Override
    public void loaded(@Nullable List<StoredMessage> found, @Nullable StoreException failure) {
        if (failure != null) {
            throw failure;
        }
        if (found == null || found.size() != asked) {
            throw new IllegalStateException(
                    "asked for " + asked + " messages and got " + (found == null ? "none" : found.size()));
        }
        messages = found;
    }

    /** Hands them on; false while they have not come. */
    boolean hand(Subject.Answers answers) {
        var found = messages;
        if (found == null) {
            return false;
        }
        for (StoredMessage message : found) {
            var body = (Body.Inline) message.body();
            answers.message(message.position(), body.array(), body.offset());
        }
        return true;
    }
}
