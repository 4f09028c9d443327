package io.turnstone.store.spool;

import io.turnstone.api.store.Spool;
import java.io.IOException;
import java.lang.ref.Cleaner;

/** A body in a file, as the rest of the broker holds it. Immutable, any thread. */
public final class SpooledFile implements Spool.File {

    private static final Cleaner CLEANER = Cleaner.create();

    private final SpoolFolder spool;
    private final SpoolUse use;
    private final int crc;

    private SpooledFile(SpoolFolder spool, SpoolUse use, int crc) {
        this.spool = spool;
        this.use = use;
        this.crc = crc;
    }

    /** Stands for a file as long as it is not garbage. */
    static SpooledFile of(SpoolFolder spool, SpoolUse use, int crc) {
        use.held();
        var file = new SpooledFile(spool, use, crc);
        CLEANER.register(file, use::released);
        return file;
    }

    /** What the store knows of the file. */
    public SpoolUse use() {
        return use;
    }

    /** Opens it to be read by a tool. */
    public SpoolInput open() throws IOException {
        return new SpoolInput(spool.files.openToRead(spool.path(use.number)), use.length, crc);
    }

    @Override
    public long number() {
        return use.number;
    }

    @Override
    public long length() {
        return use.length;
    }

    @Override
    public int crc() {
        return crc;
    }

    @Override
    public void share() {
        use.share();
    }

    @Override
    public void hold() {
        use.taken();
    }

    @Override
    public void release() {
        use.givenBack();
    }

    @Override
    public String toString() {
        return "spooled file " + number() + " of " + use.length + " bytes";
    }
}
