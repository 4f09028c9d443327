package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Durability;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.journal.Fsync;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A store's folder")
final class StoreFolderTest {

    @TempDir
    Path folder;

    private final MapDbStoreProvider provider = new MapDbStoreProvider();

    @Test
    void belongsToOneStoreAtATime() {
        var first = provider.open(folder, Map.of("segment", "1MiB"));
        assertThatThrownBy(() -> provider.open(folder, Map.of()))
                .isInstanceOf(StoreException.class)
                .hasMessage("data folder " + folder + " is in use by another Turnstone process (pid "
                        + ProcessHandle.current().pid() + "): stop it or choose another --data");
        first.close();
        provider.open(folder, Map.of()).close();
    }

    @Test
    void isRefusedWhenItWasWrittenByANewerVersion() throws IOException {
        provider.open(folder, Map.of()).close();
        String text = "turnstone-store 5\nid 0123456789abcdef\n";
        var crc = new java.util.zip.CRC32C();
        crc.update(Records.bytes(text));
        Files.writeString(folder.resolve("MANIFEST"), text + String.format("crc %08x%n", crc.getValue()));

        assertThatThrownBy(() -> provider.open(folder, Map.of()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("written by a newer Turnstone (store format 5, this one reads 3 to 4)");
    }

    @Test
    void isRefusedWhenItWasWrittenBeforeTheFirstRelease() throws IOException {
        provider.open(folder, Map.of()).close();
        String text = "turnstone-store 1\nid 0123456789abcdef\n";
        var crc = new java.util.zip.CRC32C();
        crc.update(Records.bytes(text));
        Files.writeString(folder.resolve("MANIFEST"), text + String.format("crc %08x%n", crc.getValue()));

        assertThatThrownBy(() -> provider.open(folder, Map.of()))
                .isInstanceOf(StoreException.class)
                .hasMessage(
                        "data folder " + folder + " has store format 1, which was never released and is not read any"
                                + " more: choose another --data");
    }

    @Test
    void isRefusedWhenItsManifestIsDamaged() throws IOException {
        provider.open(folder, Map.of()).close();
        Files.writeString(folder.resolve("MANIFEST"), "turnstone-store 3\nid 0123456789abcdef\ncrc 00000000\n");

        assertThatThrownBy(() -> provider.open(folder, Map.of())).hasMessageContaining("MANIFEST is damaged");
    }

    @Test
    void isRefusedWhenItsManifestIsMissingBesideData() throws IOException {
        var store = provider.open(folder, Map.of("segment", "1MiB"));
        Recovered.of(store);
        store.close();
        Files.delete(folder.resolve("MANIFEST"));

        assertThatThrownBy(() -> provider.open(folder, Map.of()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("MANIFEST is missing, but there is data beside it");
        assertThat(folder.resolve("MANIFEST")).doesNotExist();
    }

    /** Asks another process whether it gets the lock. */
    public static void main(String[] arguments) throws IOException {
        try (var channel =
                java.nio.channels.FileChannel.open(Path.of(arguments[0]), java.nio.file.StandardOpenOption.WRITE)) {
            System.exit(channel.tryLock() == null ? 3 : 4);
        }
    }

    @Test
    void staysLockedWhenItIsRefusedInTheSameProcess() throws IOException, InterruptedException {
        try (var store = provider.open(folder, Map.of("segment", "1MiB"))) {
            Files.createDirectories(folder.resolve("a"));
            assertThatThrownBy(() -> provider.open(folder.resolve("a/.."), Map.of()))
                    .hasMessageContaining("in use");
            var other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            StoreFolderTest.class.getName(),
                            folder.resolve("LOCK").toString())
                    .start();
            assertThat(other.waitFor()).isEqualTo(3);
            assertThat(store.congested()).isFalse();
        }
    }

    @Test
    void saysWhatIsInTheWay() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> provider.open(file.resolve("data"), Map.of()))
                .isInstanceOf(StoreException.class)
                .hasMessage(
                        "data folder " + file + "/data cannot be used (" + file + "/data: Not a directory): a part of"
                                + " that path is a file; name a folder, or choose another --data");
        var denied = StoreFolder.unusable(
                folder, new AccessDeniedException(folder.resolve("LOCK").toString()));
        assertThat(denied)
                .hasMessageContaining("user " + System.getProperty("user.name") + " may not write " + folder)
                .hasMessageContaining("which belongs to " + Files.getOwner(folder));
        var readOnly = new FileSystemException(folder.resolve("OPEN").toString(), null, "Read-only file system");
        assertThat(StoreFolder.unusable(folder, readOnly)).hasMessageContaining("mount it for writing");
    }

    @Test
    void saysSoWhereTheUserHasNoName() {
        String user = System.getProperty("user.name");
        System.setProperty("user.name", "?");
        try {
            assertThat(StoreFolder.unusable(folder, new AccessDeniedException(folder.toString())))
                    .hasMessageContaining("(this user may not write " + folder)
                    .hasMessageContaining("or give this user the right to");
        } finally {
            System.setProperty("user.name", user);
        }
    }

    @Test
    void isConfiguredInWords() {
        assertThat(StoreOptions.of(Map.of("window", "1GiB", "segment", 1 << 20, "spare-segments", 1)))
                .isEqualTo(new StoreOptions(1L << 30, 1 << 20, 1, 10_000));
        assertThatThrownBy(() -> StoreOptions.of(Map.of("windows", 1)))
                .hasMessage(
                        "store: option 'windows' is unknown: use window, segment, spare-segments, shrink-above or fsync");
        assertThat(StoreOptions.of(Map.of("shrink-above", "1MiB")).shrinking())
                .isEqualTo(new StoreOptions.Shrinking(1 << 20, 4));
        assertThat(StoreOptions.of(Map.of("fsync", "interval:1s")).fsync())
                .isEqualTo(new Fsync(Durability.INTERVAL, 1000));
        assertThatThrownBy(() -> StoreOptions.of(Map.of("fsync", "sometimes")))
                .hasMessage("store: fsync 'sometimes' is unknown: use always, interval:10ms or never");
        assertThatThrownBy(() -> StoreOptions.of(Map.of("fsync", "interval:0ms")))
                .hasMessage("store: fsync 'interval:0ms' is out of range: interval:1ms to interval:60s");
        assertThatThrownBy(() -> StoreOptions.of(Map.of("segment", "big")))
                .hasMessage("store: segment 'big' is not a size: write it like 64MiB or 2GiB");
        assertThatThrownBy(() -> StoreOptions.of(Map.of("segment", "1KiB")))
                .hasMessage("store: segment 1024 is out of range: 4KiB to 1GiB");
        assertThatThrownBy(() -> new MemoryStoreProvider().open(folder, Map.of("window", 1)))
                .hasMessageContaining("option 'window' is unknown to the memory store");
    }

    @Test
    void isFoundByTheNamesInTheConfiguration() {
        var types = ServiceLoader.load(StoreProvider.class).stream()
                .map(provider -> provider.get().type())
                .toList();

        assertThat(types).contains("mapdb", "memory");
    }
}
