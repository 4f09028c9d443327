package io.turnstone.store.spool;

import io.turnstone.api.Loop;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One body on its way into a file. Collects small pieces to larger ones on its loop and hands them to the threads of
 * the spool, which work on one body in order, one thread at a time.
 */
final class SpoolWriter implements Spool.Writer, Runnable {

    private enum What {
        WRITE,
        END,
        END_DURABLE,
        GIVE_UP
    }

    private record Step(What what, ByteBuffer bytes) {}

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SpoolFolder spool;
    private final long number;
    private final Path path;
    private final Loop loop;
    private final Spool.Writer.Listener listener;

    // On the loop.
    private ByteBuffer filling = NOTHING;
    private boolean ended;

    // Between the two.
    private final ConcurrentLinkedQueue<Step> steps = new ConcurrentLinkedQueue<>();
    private final AtomicInteger handedOver = new AtomicInteger();

    // On the threads of the spool.
    private final CRC32C crc = new CRC32C();
    private @Nullable StoreFile file;
    private long length;
    private boolean over;

    SpoolWriter(SpoolFolder spool, long number, Loop loop, Spool.Writer.Listener listener) {
        this.spool = spool;
        this.number = number;
        this.path = spool.path(number);
        this.loop = loop;
        this.listener = listener;
    }

    // ---- On the loop

    @Override
    public void add(ByteBuffer bytes) {
        assert loop.inLoop();
        while (bytes.hasRemaining() && !ended) {
            if (!filling.hasRemaining()) {
                handOverFilled();
                filling = ByteBuffer.allocate(SpoolFolder.PIECE_BYTES);
            }
            int count = Math.min(filling.remaining(), bytes.remaining());
            filling.put(filling.position(), bytes, bytes.position(), count).position(filling.position() + count);
            bytes.position(bytes.position() + count);
        }
    }

    private void handOverFilled() {
        if (filling.position() > 0) {
            ByteBuffer piece = filling.flip();
            filling = NOTHING;
            spool.waits(piece.remaining());
            handOver(What.WRITE, piece);
        }
    }

    @Override
    public void finish(boolean durable) {
        assert loop.inLoop();
        if (!ended) {
            handOverFilled();
            handOver(durable ? What.END_DURABLE : What.END, NOTHING);
        }
    }

    @Override
    public void discard() {
        assert loop.inLoop();
        if (!ended) {
            ended = true;
            filling = NOTHING;
            handOver(What.GIVE_UP, NOTHING);
        }
    }

    private void handOver(What what, ByteBuffer bytes) {
        steps.add(new Step(what, bytes));
        if (handedOver.getAndIncrement() == 0) {
            try {
                spool.execute(this);
            } catch (RejectedExecutionException closed) {
                tell(true, () -> listener.failed(new StoreException("the store is closed", closed)));
            }
        }
    }

    /** Tells the listener on the loop, unless the body was given up meanwhile. */
    private void tell(boolean last, Runnable telling) {
        loop.execute(() -> {
            if (!ended) {
                ended = last;
                telling.run();
            }
        });
    }

    // ---- On the threads of the spool

    @Override
    public void run() {
        do {
            Step step = steps.remove();
            int bytes = step.bytes.remaining();
            if (!over) {
                take(step);
            }
            spool.waits(-bytes);
        } while (handedOver.decrementAndGet() > 0);
    }

    private void take(Step step) {
        try {
            switch (step.what) {
                case WRITE -> write(step.bytes);
                case END, END_DURABLE -> end(step.what == What.END_DURABLE);
                case GIVE_UP -> giveUp();
            }
        } catch (StoreException refused) {
            giveUp();
            tell(true, () -> listener.failed(refused));
        } catch (IOException | RuntimeException e) {
            giveUp();
            var failure = failure(e);
            tell(true, () -> listener.failed(failure));
        }
    }

    private StoreException failure(Exception cause) {
        return cause instanceof IOException io && spool.health.isFull(io)
                ? StoreException.full(
                        spool.folder() + ": the disk is full; large messages are refused until space returns", cause)
                : new StoreException(
                        spool.folder() + ": a large message could not be written (" + cause + "); check the disk",
                        cause);
    }

    private StoreFile file() throws IOException {
        var open = file;
        if (open == null) {
            open = spool.files.open(path, false);
            file = open;
        }
        return open;
    }

    private void write(ByteBuffer piece) throws IOException {
        int bytes = piece.remaining();
        crc.update(piece.duplicate());
        file().write(piece, length);
        length += bytes;
        tell(false, () -> listener.written(bytes));
    }

    private void end(boolean durable) throws IOException {
        var done = file();
        if (durable) {
            done.force();
            spool.files.forceFolder(spool.folder());
        } else {
            spool.admitLight(length);
        }
        over = true;
        file = null;
        done.close();
        var use = spool.use(number, length);
        if (!durable) {
            spool.light(use);
        }
        var whole = SpooledFile.of(spool, use, (int) crc.getValue());
        tell(true, () -> listener.finished(whole));
    }

    private void giveUp() {
        over = true;
        var unfinished = file;
        file = null;
        if (unfinished != null) {
            try {
                unfinished.close();
            } catch (IOException notOfInterest) {
                // It is deleted.
            }
            spool.delete(path);
        }
    }
}
