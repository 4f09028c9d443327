package io.turnstone.store.spool;

import io.turnstone.api.Body;
import io.turnstone.api.Loop;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.StoreFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One body on its way out of a file. Asked on its loop; the threads of the spool read one piece at a time, into two
 * buffers in turn.
 */
final class SpoolReader implements Spool.Reader {

    private final SpoolFolder spool;
    private final Body.Spooled body;
    private final Loop loop;
    private final Spool.Reader.Listener listener;

    // On the loop.
    private boolean asked;
    private boolean closed;

    // On whoever holds the one request; the loop while there is none.
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer[] buffers = {ByteBuffer.allocate(0), ByteBuffer.allocate(0)};
    private @Nullable StoreFile file;
    private long at;
    private int turn;

    SpoolReader(SpoolFolder spool, Body.Spooled body, Loop loop, Spool.Reader.Listener listener) {
        this.spool = spool;
        this.body = body;
        this.loop = loop;
        this.listener = listener;
    }

    // ---- On the loop

    @Override
    public void next() {
        assert loop.inLoop() && !asked && !closed;
        asked = true;
        try {
            spool.execute(this::read);
        } catch (RejectedExecutionException gone) {
            tell(() -> listener.failed(new StoreException("the store is closed", gone), false));
        }
    }

    @Override
    public void close() {
        assert loop.inLoop();
        if (!closed) {
            closed = true;
            if (!asked) {
                closeFile();
            }
        }
    }

    private void tell(Runnable telling) {
        loop.execute(() -> {
            asked = false;
            if (closed) {
                closeFile();
            } else {
                telling.run();
            }
        });
    }

    private void closeFile() {
        var open = file;
        file = null;
        if (open != null) {
            try {
                spool.execute(() -> close(open));
            } catch (RejectedExecutionException gone) {
                close(open);
            }
        }
    }

    private static void close(StoreFile open) {
        try {
            open.close();
        } catch (IOException notOfInterest) {
            // Nothing was written.
        }
    }

    // ---- On the threads of the spool

    private void read() {
        try {
            var open = file;
            if (open == null) {
                open = begin();
            }
            ByteBuffer buffer = buffer();
            int count = open.read(buffer, at);
            boolean tooShort = buffer.hasRemaining();
            at += count;
            crc.update(buffer.flip().duplicate());
            if (tooShort
                    || (at == body.length()
                            && (int) crc.getValue() != body.file().crc())) {
                damaged(tooShort ? "ends at byte " + at : "has other bytes than were written");
            } else {
                tell(() -> listener.piece(buffer));
            }
        } catch (NoSuchFileException | FileNotFoundException e) {
            damaged("is gone");
        } catch (IOException | RuntimeException e) {
            var failure = new StoreException(name() + " cannot be read (" + e + ")", e);
            tell(() -> listener.failed(failure, false));
        }
    }

    private StoreFile begin() throws IOException {
        var head = body.head();
        crc.update(head.array(), head.offset(), head.size());
        at = head.size();
        var open = spool.files.openToRead(spool.path(body.file().number()));
        file = open;
        return open;
    }

    private ByteBuffer buffer() {
        int size = (int) Math.min(SpoolFolder.PIECE_BYTES, body.length() - at);
        turn = 1 - turn;
        if (buffers[turn].capacity() < size) {
            buffers[turn] = ByteBuffer.allocate(size);
        }
        return buffers[turn].clear().limit(size);
    }

    private void damaged(String what) {
        spool.health.damaged(name() + " " + what);
        var failure = new StoreException(name() + " " + what);
        tell(() -> listener.failed(failure, true));
    }

    private String name() {
        return "the body of " + body.length() + " bytes in "
                + spool.path(body.file().number());
    }
}
