package io.turnstone.store;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreProvider;
import java.nio.file.Path;
import java.util.Map;

/** {@code store.type: memory}: nothing survives the process. Takes no options and touches no folder. Any thread. */
public final class MemoryStoreProvider implements StoreProvider {

    /** For ServiceLoader. */
    public MemoryStoreProvider() {}

    @Override
    public String type() {
        return "memory";
    }

    @Override
    public MessageStore open(Path folder, Map<String, Object> options) {
        if (!options.isEmpty()) {
            throw new StoreException(
                    "store: option '" + options.keySet().iterator().next()
                            + "' is unknown to the memory store, which has none: remove it");
        }
        return new MemoryStore();
    }
}
