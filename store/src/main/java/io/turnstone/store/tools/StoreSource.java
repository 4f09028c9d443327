package io.turnstone.store.tools;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.checkpoint.HeldFiles;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.FolderLock;
import io.turnstone.store.files.StoreFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;

/** Where the files come from that a tool looks at. Used by one thread at a time. */
sealed interface StoreSource {

    /** The folder they are in. */
    Path folder();

    /** Looks at the store; what is damaged is noted. */
    default <T> T look(Look<T> look) {
        return read(files -> {
            var damage = new DamageList();
            try (var view = StoreView.of(files, damage)) {
                return look.at(view, damage);
            }
        });
    }

    /** Works with the files themselves, which stay as they are meanwhile. */
    <T> T read(Read<T> read);

    /** What a tool does with a store. */
    @FunctionalInterface
    interface Look<T> {
        /** Gives what the tool gives. */
        T at(StoreView view, DamageList damage);
    }

    /** What a tool does with files. */
    @FunctionalInterface
    interface Read<T> {
        /** Gives what the tool gives. */
        T at(HeldFiles files) throws IOException;
    }

    /**
     * A store that nobody uses.
     *
     * @param opening by which it is locked
     * @param notes told when it is not
     */
    record Unused(Path folder, FolderLock.Opening opening, Consumer<String> notes) implements StoreSource {

        @Override
        public <T> T read(Read<T> read) {
            try (var lock = lock()) {
                if (lock.readOnly()) {
                    notes.accept(folder + " is on a read-only file system: no broker can use it by this mount, and "
                            + FolderLock.NAME + " is left as it is");
                }
                return read.at(HeldFiles.of(folder));
            } catch (IOException | UncheckedIOException e) {
                throw StoreFolder.unusable(folder, e);
            }
        }

        private FolderLock lock() throws IOException {
            if (!isFolder() || new DiskFiles().list(folder).stream().noneMatch(HeldFiles::needed)) {
                throw new StoreException(
                        "there is no store in " + folder + ": name a broker's data folder with --data");
            }
            return FolderLock.toLook(folder, opening);
        }

        /** One that cannot be looked at is not absent. */
        private boolean isFolder() throws IOException {
            try {
                return Files.readAttributes(folder, BasicFileAttributes.class).isDirectory();
            } catch (NoSuchFileException absent) {
                return false;
            }
        }
    }

    /** A store that is running. */
    record Running(MapDbStore store) implements StoreSource {

        @Override
        public Path folder() {
            return store.folder();
        }

        @Override
        public <T> T read(Read<T> read) {
            var held = store.hold();
            T result;
            try {
                result = read.at(held);
            } catch (IOException | RuntimeException e) {
                if (!store.release()) {
                    throw interrupted();
                }
                throw e instanceof StoreException told ? told : StoreFolder.unusable(held.folder(), e);
            } catch (Error e) {
                store.release(); // or nothing would ever be absorbed again
                throw e;
            }
            if (!store.release()) {
                throw interrupted();
            }
            return result;
        }

        private StoreException interrupted() {
            return new StoreException("the broker on " + store.folder()
                    + " stopped meanwhile, and what was found is worth nothing: try again");
        }
    }
}
