package io.turnstone.store.tools;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoredMessage;
import java.io.IOException;

/** Takes what a store holds: definitions first, then the messages of each level of a queue in order. */
interface StoreSink {

    /** A definition. */
    void definition(String kind, String name, byte[] value) throws IOException;

    /** By what a queue that was defined knows a message when it is published again; of each queue in log order. */
    void key(MessageKey key) throws IOException;

    /**
     * A message of a queue that was defined.
     *
     * @param expiresAtMs it does not expire before
     */
    void message(int queue, int level, long expiresAtMs, StoredMessage message) throws IOException;
}
