package io.turnstone.store.tools;

import io.turnstone.api.Choices;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.Recovered;
import io.turnstone.store.files.DiskFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A store that was closed in order, of which any files were then damaged in any ways: it is verified, salvaged and opened
 * without another exception than a {@link StoreException} that says what to do, no body comes out that was not put in, and
 * what is missing is told.
 */
public final class StoreFuzz {

    private static final ToolProgress SILENT = (what, done, total) -> {};
    private static final int PAGE = 4096;

    /** What is damaged, made once. */
    private static final class Original {

        static final Original INSTANCE = new Original();

        private final Map<String, byte[]> files = new TreeMap<>();
        private final Set<String> bodies;
        private final List<String> messages;

        private Original() {
            Path folder = temporary();
            try {
                try (var filled = FilledStore.in(folder)) {
                    bodies = Set.copyOf(filled.bodies);
                }
                for (Path path : new DiskFiles().list(folder)) {
                    if (!path.endsWith("LOCK")) {
                        files.put(path.getFileName().toString(), Files.readAllBytes(path));
                    }
                }
                var contents = FilledStore.contents(folder);
                messages = List.of(String.join("\n", contents.orders()), String.join("\n", contents.letters()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                delete(folder);
            }
        }
    }

    private StoreFuzz() {}

    /** One store, with a few damages. */
    public static void fuzzerTestOneInput(byte[] input) {
        var choices = new Choices(input);
        Map<String, byte[]> files = new TreeMap<>(Original.INSTANCE.files);
        for (int damages = choices.nextInt(4); damages >= 0 && !choices.exhausted(); damages--) {
            damage(files, choices);
        }
        Path folder = temporary();
        try {
            Path place = Files.createDirectory(folder.resolve("store"));
            for (var file : files.entrySet()) {
                Files.write(place.resolve(file.getKey()), file.getValue());
            }
            check(place, folder.resolve("clean"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(folder);
        }
    }

    private static void damage(Map<String, byte[]> files, Choices choices) {
        var names = new ArrayList<>(files.keySet());
        String name = names.get(choices.nextInt(names.size()));
        byte[] bytes = files.get(name).clone();
        int at = bytes.length == 0 ? 0 : choices.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, choices.of(1, 8, 64, 512, PAGE));
        switch (choices.nextInt(8)) {
            case 0 -> bytes = Arrays.copyOf(bytes, at);
            case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + length);
            case 2 -> Arrays.fill(bytes, at, at + length, choices.of((byte) 0, (byte) -1));
            case 3 -> {
                byte[] other = files.get(names.get(choices.nextInt(names.size())));
                int from = other.length == 0 ? 0 : choices.nextInt(other.length);
                System.arraycopy(other, from, bytes, at, Math.min(length, other.length - from));
            }
            case 4 -> {
                files.remove(name);
                return;
            }
            case 5 -> {
                String other = names.get(choices.nextInt(names.size()));
                files.put(name, files.get(other));
                files.put(other, bytes);
                return;
            }
            case 6 -> {
                if (length >= 8) {
                    ByteBuffer.wrap(bytes).putLong(at, choices.of(0L, -1L, Long.MAX_VALUE, 1L << 40, (long) at));
                }
            }
            default -> {
                if (length > 0) {
                    bytes[at] ^= (byte) (1 << choices.nextInt(8));
                }
            }
        }
        files.put(name, bytes);
    }

    private static void check(Path place, Path clean) {
        var tools = StoreTools.of(place, new TestDefinitions());
        boolean found;
        try {
            found = !tools.verify(SILENT).whole();
        } catch (StoreException e) {
            says(e);
            found = true;
        }
        try {
            tools.salvage(clean, SILENT);
            look(clean, found);
        } catch (StoreException e) {
            says(e);
        }
        try {
            look(place, found);
        } catch (StoreException e) {
            says(e);
            if (!found) {
                throw new AssertionError("verify found nothing in a store that does not open", e);
            }
        }
    }

    private static void says(StoreException e) {
        if (!String.valueOf(e.getMessage()).matches("(?s).*(salvage|backup|check the disk|version).*")) {
            throw new AssertionError("this does not say what to do: " + e.getMessage(), e);
        }
    }

    private static void look(Path folder, boolean found) {
        try (var store = MapDbStore.open(new DiskFiles(), folder, FilledStore.SMALL)) {
            var recovered = Recovered.of(store);
            boolean told = found || store.status().state().equals("damaged");
            for (int queue = 1; queue <= 2; queue++) {
                for (var message : recovered.queue(queue)) {
                    if (!Original.INSTANCE.bodies.contains(message.body())) {
                        throw new AssertionError("a body that nobody put in: " + message);
                    }
                }
                String now = String.join("\n", FilledStore.messages(recovered, queue));
                if (!told && !now.equals(Original.INSTANCE.messages.get(queue - 1))) {
                    throw new AssertionError("queue " + queue + " is not what it was, and nobody says so");
                }
            }
        }
    }

    static Path temporary() {
        try {
            return Files.createTempDirectory("turnstone-fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
