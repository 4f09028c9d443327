package io.turnstone.api.store;

import java.nio.file.Path;
import java.util.Map;

/** Opens the {@link MessageStore} that the configuration names under {@code store.type}. */
public interface StoreProvider {

    /** The name in the configuration file, such as {@code mapdb}. */
    String type();

    /**
     * What is wrong with options, found without opening anything, so that a configuration can be checked before it is
     * used: a sentence by option. Whatever is found here {@link #open} refuses as well.
     */
    default Map<String, String> problems(Map<String, Object> options) {
        return Map.of();
    }

    /**
     * Opens the store in a folder, making it when it is absent. Nothing is handed out before {@link MessageStore#recover}.
     *
     * @param folder where it keeps its files
     * @param options the other keys of {@code store:} in the configuration; an unknown one is refused
     * @throws StoreException when the folder is in use by another process, unreadable or of a newer version; the
     *     message names the folder and the remedy
     */
    MessageStore open(Path folder, Map<String, Object> options);
}
