package io.turnstone.store;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.spool.SpoolFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code store.type: memory}: nothing survives the process. Takes no options. Any thread. */
public final class MemoryStoreProvider implements StoreProvider {

    /** For ServiceLoader. */
    public MemoryStoreProvider() {}

    @Override
    public String type() {
        return "memory";
    }

    @Override
    public Map<String, String> problems(Map<String, Object> options) {
        var problems = new LinkedHashMap<String, String>();
        options.keySet()
                .forEach(key -> problems.put(
                        key, "option '" + key + "' is unknown to the memory store, which has none: remove it"));
        return problems;
    }

    @Override
    public MessageStore open(Path folder, Map<String, Object> options) {
        Map<String, String> problems = problems(options);
        if (!problems.isEmpty()) {
            throw new StoreException("store: " + problems.values().iterator().next());
        }
        var files = new DiskFiles();
        return new MemoryStore(SpoolFolder.open(files, folder, new StoreHealth(folder, files)));
    }
}
