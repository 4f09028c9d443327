package io.turnstone.store;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.Map;

/**
 * {@code store.type: mapdb}: queues, messages and definitions survive in a folder. Options:
 *
 * <ul>
 *   <li>{@code window}: how far the journal may run ahead of MapDB, a size like {@code 2GiB} or a number of bytes;
 *   <li>{@code segment}: size of a journal file, {@code 64MiB} unless set;
 *   <li>{@code spare-segments}: how many unused journal files are kept for publishes and settlements, 2 unless set;
 *       two more are kept while the journal is in use, as room for MapDB on a full disk.
 *   <li>{@code shrink-above}: MapDB's file is made anew when it is at least so large and less than a quarter of it is in
 *       use, {@code 16MiB} unless set;
 *   <li>{@code fsync}: what {@code accepted} promises for queues that do not say it themselves: {@code always} (unless
 *       set) that it is on the medium, {@code interval:10ms} that it will be in a moment, {@code never} that the operating
 *       system has it.
 * </ul>
 *
 * <p>Any thread.
 */
public final class MapDbStoreProvider implements StoreProvider {

    /** For ServiceLoader. */
    public MapDbStoreProvider() {}

    @Override
    public String type() {
        return "mapdb";
    }

    @Override
    public Map<String, String> problems(Map<String, Object> options) {
        return StoreOptions.problems(options);
    }

    @Override
    public MessageStore open(Path folder, Map<String, Object> options) {
        return MapDbStore.open(new DiskFiles(), folder, StoreOptions.of(options));
    }
}
