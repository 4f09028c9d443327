package io.turnstone.store;

import io.turnstone.store.files.SimulatedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The disk of a {@link History}, and when it fails. Owned by the history's thread. */
final class FailingDisk {

    private static final int SECTOR = 512;
    private static final int TRIES = 64;

    /** Where MapDB says of the first records of ours where they are. */
    private static final int TABLE = 32_944;

    private final Random random;
    private int roomIn = -1;
    private boolean torn;

    FailingDisk(Random random) {
        this.random = random;
    }

    /** Nothing is wrong with it; but to force takes its time, so that much happens in the middle of a commit. */
    void sound(SimulatedFiles files) {
        files.capacity(Integer.MAX_VALUE);
        roomIn = -1;
        files.fault((what, path) -> slowly(what));
    }

    private static void slowly(String what) {
        if (what.equals("force")) {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(50_000));
        }
    }

    /** It will be full for a while, or from some moment on each write or force fails, the first of them half way. */
    void failsSometime(SimulatedFiles files, boolean full) {
        int after = random.nextInt(60);
        if (full) {
            files.capacity(files.allocated() + 4096 * random.nextInt(12));
            roomIn = after;
            return;
        }
        boolean allOfIt = random.nextBoolean();
        int bytes = random.nextInt(4 * SECTOR);
        var left = new AtomicInteger(after);
        files.fault((what, path) -> {
            slowly(what);
            int now = left.getAndDecrement();
            if (now == 0 && what.equals("write")) {
                throw new SimulatedFiles.ShortWrite(bytes);
            }
            if (now == 0 || (now < 0 && allOfIt)) {
                throw new IOException("Input/output error");
            }
        });
    }

    /** One record later. */
    void turn(SimulatedFiles files) {
        if (roomIn >= 0 && --roomIn < 0) {
            files.capacity(Integer.MAX_VALUE);
        }
    }

    /** Flips a bit or zeros a sector of some file; where. */
    String rot(SimulatedFiles files, Path folder) {
        List<Path> all = files.list(folder).stream()
                .filter(path -> files.bytes(path).length > 0)
                .toList();
        var path = all.get(random.nextInt(all.size()));
        byte[] bytes = files.bytes(path);
        int at = random.nextInt(4) == 0 && path.toString().endsWith(".db")
                ? inTable(bytes)
                : random.nextInt(bytes.length);
        for (int tries = 0; bytes[at] == 0 && tries < TRIES; tries++) {
            at = random.nextInt(bytes.length); // most of MapDB's file is empty
        }
        String last = all.stream()
                .map(each -> each.getFileName().toString())
                .filter(name -> name.startsWith("journal"))
                .max(String::compareTo)
                .orElse("");
        torn = path.getFileName().toString().equals(last) && files.list(folder).contains(folder.resolve("OPEN"));
        if (random.nextBoolean()) {
            files.damage(path, at, 1 << random.nextInt(8));
            return path.getFileName() + " " + at;
        }
        int from = at / SECTOR * SECTOR;
        for (int i = from; i < Math.min(bytes.length, from + SECTOR); i++) {
            files.damage(path, i, bytes[i]);
        }
        return path.getFileName() + " " + from + " to " + (from + SECTOR);
    }

    /** Where MapDB's file says of some record where that is. */
    private int inTable(byte[] mapDb) {
        return Math.min(TABLE + random.nextInt(2 * SECTOR), mapDb.length - 1);
    }

    /**
     * Whether it was the last segment of a store that crashed: its last group then is what a write leaves that did not
     * finish, and is cut without a word.
     */
    boolean mayBeTorn() {
        return torn;
    }
}
