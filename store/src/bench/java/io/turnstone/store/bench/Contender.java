package io.turnstone.store.bench;

import io.turnstone.store.bench.ArtemisSubject.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;

/** Who is measured; how each is set up is told by its subject. */
enum Contender {
    TURNSTONE,
    ARTEMIS_NIO_EAGER,
    ARTEMIS_NIO_TUNED,
    ARTEMIS_NIO_DEFAULT,
    ARTEMIS_AIO_TUNED,
    ARTEMIS_AIO_DEFAULT,
    ROCKSDB,
    MVSTORE,
    /** No store: the least that any of them can pay. */
    FLOOR;

    /** All that this machine has the native libraries for. */
    static List<Contender> available() {
        return Arrays.stream(values())
                .filter(each -> !each.name().contains("AIO") || AIOSequentialFileFactory.isSupported())
                .toList();
    }

    /**
     * Opens it in a folder of its own.
     *
     * @param bytes what the floor's file has room for
     * @param options of Turnstone's store
     */
    Subject open(Path folder, long bytes, Map<String, Object> options) throws IOException {
        return switch (this) {
            case TURNSTONE -> new TurnstoneSubject(folder, options);
            case ARTEMIS_NIO_EAGER -> new ArtemisSubject(folder, Settings.NIO_EAGER);
            case ARTEMIS_NIO_TUNED -> new ArtemisSubject(folder, Settings.NIO_TUNED);
            case ARTEMIS_NIO_DEFAULT -> new ArtemisSubject(folder, Settings.NIO_DEFAULT);
            case ARTEMIS_AIO_TUNED -> new ArtemisSubject(folder, Settings.AIO_TUNED);
            case ARTEMIS_AIO_DEFAULT -> new ArtemisSubject(folder, Settings.AIO_DEFAULT);
            case ROCKSDB -> new RocksSubject(folder);
            case MVSTORE -> new MvStoreSubject(folder);
            case FLOOR -> new RawAppend(folder, bytes);
        };
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
