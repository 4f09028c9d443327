package io.turnstone.store.spool;

import io.turnstone.api.Body;
import io.turnstone.api.Loop;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.files.StoreHealth;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The folder of the bodies that are too large for the heap, one file each, and the threads that write and read them.
 * Any thread.
 */
public final class SpoolFolder implements Spool {

    private static final Logger log = LogManager.getLogger(SpoolFolder.class);

    public static final String NAME = "spool";

    /** What is written and read at once, in bytes. */
    public static final int PIECE_BYTES = 128 * 1024;

    private static final String SUFFIX = ".body";

    /** Before the names of those that records may have named which are lost. */
    private static final String UNNAMED = "unnamed-";

    private static final int THREADS = 2;
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 10;

    final FileLayer files;
    final StoreHealth health;
    private final Path folder;
    private final ThreadPoolExecutor threads;
    private final AtomicLong numbers;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong lightBytes = new AtomicLong();
    private final long mostWaitingBytes = Math.max(1 << 20, Runtime.getRuntime().maxMemory() / 16);
    private final Map<Long, SpoolUse> uses = new ConcurrentHashMap<>();
    /** Files that nobody needs and that stay all the same for now. */
    private final Queue<Path> kept = new ConcurrentLinkedQueue<>();

    private volatile boolean keeping;

    private SpoolFolder(FileLayer files, Path folder, StoreHealth health) {
        this.files = files;
        this.folder = folder;
        this.health = health;
        // Above every number that was ever given out, even to files that are gone.
        numbers = new AtomicLong(System.currentTimeMillis() << 20);
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    var thread = new Thread(task, "turnstone-spool");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** The spool of a store's folder, which is made if it is absent. */
    public static SpoolFolder open(FileLayer files, Path store, StoreHealth health) {
        Path folder = store.resolve(NAME);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw StoreFolder.unusable(folder, e);
        }
        return new SpoolFolder(files, folder, health);
    }

    /** The spool of a store that is looked at and not changed. */
    public static SpoolFolder look(FileLayer files, Path store, StoreHealth health) {
        var spool = new SpoolFolder(files, store.resolve(NAME), health);
        spool.keeping = true;
        return spool;
    }

    /** Whether files stay that nobody needs any more: a tool reads them, or a power cut may bring back who does. Called by the checkpointer. */
    public void keep(boolean on) {
        if (keeping && !on) {
            keeping = false;
            for (Path file = kept.poll(); file != null; file = kept.poll()) {
                discard(file);
            }
        }
        keeping = on;
    }

    /** The files that records name, and their lengths. Called by the checkpointer. */
    public Map<Path, Long> named() {
        var named = new HashMap<Path, Long>();
        uses.values().forEach(use -> {
            if (use.isNamed()) {
                named.put(path(use.number), use.length);
            }
        });
        return named;
    }

    /** What is wrong with the file of a body; empty when it is what was written. */
    public String problem(Body.Spooled body) {
        var path = path(body.file().number());
        try (var bytes = ((SpooledFile) body.file()).open()) {
            bytes.transferTo(OutputStream.nullOutputStream());
            return "";
        } catch (NoSuchFileException e) {
            return "the body in " + path + " is gone";
        } catch (IOException e) {
            return "the body in " + path + " cannot be read (" + e.getMessage() + ")";
        }
    }

    /**
     * Checks that the files are there that are used by now. All others are deleted, or {@linkplain #isKeptAside kept
     * aside} where something is damaged. After recovery, before anything is written.
     */
    public void recovered() {
        try {
            takeBack();
            var missing = new HashSet<>(uses.keySet());
            var others = new ArrayList<Path>();
            for (Path file : files.list(folder)) {
                long number = number(file);
                var use = uses.get(number);
                if (use != null) {
                    missing.remove(number);
                    check(file, use);
                } else if (number >= 0) {
                    others.add(file);
                }
                numbers.accumulateAndGet(number + 1, Math::max);
            }
            missing.forEach(number -> health.damaged("the body in " + path(number) + " is gone"));
            sweep(others);
        } catch (IOException e) {
            throw StoreFolder.unusable(folder, e);
        }
    }

    /** A record may be readable again that was not when its file was put aside. */
    private void takeBack() throws IOException {
        var present = files.list(folder);
        for (Path file : present) {
            if (isKeptAside(file)) {
                long number = number(body(file));
                numbers.accumulateAndGet(number + 1, Math::max);
                if (uses.containsKey(number) && !present.contains(body(file))) {
                    files.rename(file, body(file));
                    files.forceFolder(folder);
                    log.info("file={} taken back: a record names it", file);
                }
            }
        }
    }

    private void check(Path file, SpoolUse use) throws IOException {
        try (var open = files.openToRead(file)) {
            if (open.size() != use.length) {
                health.damaged("the body in " + file + " has " + open.size() + " bytes, not " + use.length);
            }
        }
    }

    private void sweep(List<Path> others) throws IOException {
        if (others.isEmpty()) {
            return;
        }
        if (health.damages() > 0) {
            for (Path file : others) {
                files.rename(file, file.resolveSibling(UNNAMED + file.getFileName()));
            }
            files.forceFolder(folder);
            log.warn(
                    "store={} kept aside bodies={} as {}*: no record names them that can be read, and there is damage;"
                            + " they stay until you remove them",
                    folder,
                    others.size(),
                    UNNAMED);
            return;
        }
        others.forEach(this::delete);
        log.info("store={} deleted unfinished or settled bodies={}", folder, others.size());
    }

    /**
     * Whether a file is a body that no record named when there was damage, so that the record that did may be lost. It is
     * no part of the store, and stays until an operator removes it.
     */
    public static boolean isKeptAside(Path file) {
        return String.valueOf(file.getFileName()).startsWith(UNNAMED) && number(body(file)) >= 0;
    }

    /** What a body that is kept aside was called. */
    private static Path body(Path aside) {
        return aside.resolveSibling(String.valueOf(aside.getFileName()).substring(UNNAMED.length()));
    }

    /** The files of a store's folder that are {@linkplain #isKeptAside kept aside}. */
    public static List<Path> keptAside(FileLayer files, Path store) throws IOException {
        Path folder = store.resolve(NAME);
        return Files.isDirectory(folder)
                ? files.list(folder).stream().filter(SpoolFolder::isKeptAside).toList()
                : List.of();
    }

    private static long number(Path file) {
        String name = String.valueOf(file.getFileName());
        try {
            return name.endsWith(SUFFIX)
                    ? Long.parseUnsignedLong(name.substring(0, name.length() - SUFFIX.length()), 16)
                    : -1;
        } catch (NumberFormatException somethingElse) {
            return -1;
        }
    }

    Path path(long number) {
        return folder.resolve(String.format("%016x", number) + SUFFIX);
    }

    Path folder() {
        return folder;
    }

    // ---- Bodies in and out

    @Override
    public Writer write(Loop loop, Writer.Listener listener) {
        return new SpoolWriter(this, numbers.getAndIncrement(), loop, listener);
    }

    @Override
    public Reader read(Body.Spooled body, Loop loop, Reader.Listener listener) {
        return new SpoolReader(this, body, loop, listener);
    }

    @Override
    public boolean congested() {
        return waitingBytes.get() > mostWaitingBytes;
    }

    void waits(long bytes) {
        waitingBytes.addAndGet(bytes);
    }

    /** Runs something that touches files. */
    void execute(Runnable task) {
        threads.execute(task);
    }

    /** Lets a body in that need not survive, as long as such bodies leave half of the room to others. */
    void admitLight(long bytes) {
        long taken = lightBytes.get() + bytes;
        long left = files.usableBytes(folder);
        if (taken > left) {
            throw StoreException.full(
                    folder + ": large messages that are not durable would take " + taken
                            + " bytes of the disk and leave " + left + "; consume them, or give the disk more room",
                    null);
        }
    }

    /** Counts a body that need not survive, until nobody needs its file. */
    void light(SpoolUse use) {
        use.light = true;
        lightBytes.addAndGet(use.length);
    }

    /** Who needs a file; the same answer for the same number, as long as anybody does. */
    SpoolUse use(long number, long length) {
        return uses.computeIfAbsent(number, n -> new SpoolUse(n, length, this::forget));
    }

    private void forget(SpoolUse use) {
        uses.remove(use.number);
        if (use.light) {
            lightBytes.addAndGet(-use.length);
        }
        if (keeping) {
            kept.add(path(use.number));
        } else {
            discard(path(use.number));
        }
    }

    private void discard(Path file) {
        try {
            threads.execute(() -> delete(file));
        } catch (RejectedExecutionException closed) {
            delete(file);
        }
    }

    /** Deletes a file, or leaves it to the next start. */
    void delete(Path file) {
        try {
            files.delete(file);
        } catch (IOException e) {
            log.warn("file={} cannot be deleted now, and will be at the next start: {}", file, e.toString());
        }
    }

    /** Lets what is under way come to an end; what is unfinished then is deleted at the next start. */
    public void close() {
        keep(false);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("store={} bodies are still being written or read; not waiting any longer", folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
