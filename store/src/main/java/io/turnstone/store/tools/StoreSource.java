package io.turnstone.store.tools;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.checkpoint.HeldFiles;
import io.turnstone.store.files.StoreFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Where the files come from that a tool looks at. Used by one thread at a time. */
sealed interface StoreSource {

    /** The folder they are in. */
    Path folder();

    /** Looks at the store; what is damaged is noted. */
    <T> T look(Look<T> look);

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

    /** A store that nobody uses. */
    record Unused(Path folder) implements StoreSource {

        @Override
        public <T> T look(Look<T> look) {
            var damage = new DamageList();
            try (var view = StoreView.open(folder, damage)) {
                return look.at(view, damage);
            } catch (UncheckedIOException e) {
                throw StoreFolder.unusable(folder, e);
            }
        }

        @Override
        public <T> T read(Read<T> read) {
            try (var lock = StoreView.lock(folder)) {
                return read.at(HeldFiles.of(lock.folder()));
            } catch (IOException e) {
                throw StoreFolder.unusable(folder, e);
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
        public <T> T look(Look<T> look) {
            return read(files -> {
                var damage = new DamageList();
                try (var view = StoreView.of(files, damage)) {
                    return look.at(view, damage);
                }
            });
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
