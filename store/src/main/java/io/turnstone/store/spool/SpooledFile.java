package io.turnstone.store.spool;

import io.turnstone.api.store.Spool;
import java.io.IOException;
import java.lang.ref.Cleaner;

/** A body in a file, as the rest of the broker holds it. Immutable, any thread. */
public final class SpooledFile implements Spool.File {

    private static final Cleaner CLEANER = Cleaner.create();

    private final SpoolFolder spool;
    private final SpoolClaim claim;
    private final int crc;

    private SpooledFile(SpoolFolder spool, SpoolClaim claim, int crc) {
        this.spool = spool;
        this.claim = claim;
        this.crc = crc;
    }

    /** Stands for a file as long as it is not garbage. */
    static SpooledFile of(SpoolFolder spool, SpoolClaim claim, int crc) {
        claim.held();
        var file = new SpooledFile(spool, claim, crc);
        CLEANER.register(file, claim::released);
        return file;
    }

    /** What the store knows of the file. */
    public SpoolClaim claim() {
        return claim;
    }

    /** Opens it to be read by a tool. */
    public SpoolInput open() throws IOException {
        return new SpoolInput(spool.files.openToRead(spool.path(claim.number)), claim.length, crc);
    }

    @Override
    public long number() {
        return claim.number;
    }

    @Override
    public long length() {
        return claim.length;
    }

    @Override
    public int crc() {
        return crc;
    }

    @Override
    public void share() {
        claim.share();
    }

    @Override
    public void hold() {
        claim.taken();
    }

    @Override
    public void release() {
        claim.givenBack();
    }

    @Override
    public String toString() {
        return "spooled file " + number() + " of " + claim.length + " bytes";
    }
}
