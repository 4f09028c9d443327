package io.turnstone.api;

import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A spool in memory, driven by hand: nothing is written or read until a test calls {@link #work} or {@link #step}.
 * Used by one thread.
 */
public final class FakeSpool implements Spool {

    /** A body that was written. */
    public static final class Written implements File {
        /** All its bytes; a test may change them. */
        public final byte[] bytes;

        private final byte[] original;
        private final long number;

        /** Whether the writer asked that it survive a crash. */
        public final boolean durable;

        /** Whether {@link #share} was called. */
        public boolean shared;

        /** How many need it. */
        public int holders;

        private Written(byte[] bytes, long number, boolean durable) {
            this.bytes = bytes;
            this.original = bytes.clone();
            this.number = number;
            this.durable = durable;
        }

        @Override
        public long number() {
            return number;
        }

        @Override
        public long length() {
            return original.length;
        }

        @Override
        public int crc() {
            return java.util.Arrays.hashCode(original);
        }

        @Override
        public void share() {
            shared = true;
        }

        @Override
        public void hold() {
            holders++;
        }

        @Override
        public void release() {
            if (--holders < 0) {
                throw new IllegalStateException("released more often than it was held");
            }
        }
    }

    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
    private final int pieceBytes;
    private long numbers;

    /** The files that were finished, in order. */
    public final List<Written> files = new ArrayList<>();

    /** Whether others have written too much. */
    public boolean congested;

    /** Lets everything that is written from now on fail. */
    public @Nullable StoreException failure;

    /** Writers that were neither finished nor discarded, and readers that were not closed. */
    public int open;

    /** One that reads so many bytes at a time. */
    public FakeSpool(int pieceBytes) {
        this.pieceBytes = pieceBytes;
    }

    /** Does the next thing that waits; false if there was none. */
    public boolean step() {
        Runnable step = steps.poll();
        if (step != null) {
            step.run();
        }
        return step != null;
    }

    /** Does everything that waits; then the loop has its turns, and again, until nothing is left. */
    public void work(FakeLoop loop) {
        while (step()) {
            loop.settle();
        }
    }

    /** A body as if somebody had written it. */
    public Body.Spooled body(byte[] bytes, int headBytes) {
        return new Body.Spooled(
                Body.Inline.of(java.util.Arrays.copyOf(bytes, headBytes)), new Written(bytes, ++numbers, false));
    }

    @Override
    public boolean congested() {
        return congested;
    }

    @Override
    public Writer write(Loop loop, Writer.Listener listener) {
        open++;
        var bytes = new ByteArrayOutputStream();
        return new Writer() {
            private boolean ended;

            @Override
            public void add(ByteBuffer more) {
                var copy = new byte[more.remaining()];
                more.get(copy);
                then(() -> {
                    if (failure != null) {
                        end(() -> listener.failed(failure));
                    } else {
                        bytes.writeBytes(copy);
                        loop.execute(() -> listener.written(copy.length));
                    }
                });
            }

            @Override
            public void finish(boolean durable) {
                then(() -> {
                    var file = new Written(bytes.toByteArray(), ++numbers, durable);
                    files.add(file);
                    end(() -> listener.finished(file));
                });
            }

            @Override
            public void discard() {
                end(() -> {});
            }

            private void then(Runnable step) {
                steps.add(() -> {
                    if (!ended) {
                        step.run();
                    }
                });
            }

            private void end(Runnable tell) {
                if (!ended) {
                    ended = true;
                    open--;
                    loop.execute(tell);
                }
            }
        };
    }

    @Override
    public Reader read(Body.Spooled body, Loop loop, Reader.Listener listener) {
        open++;
        var file = (Written) body.file();
        return new Reader() {
            private int at = body.head().size();
            private boolean closed;

            @Override
            public void next() {
                steps.add(() -> {
                    int count = Math.min(pieceBytes, file.bytes.length - at);
                    ByteBuffer piece = ByteBuffer.wrap(file.bytes, at, count).slice();
                    at += count;
                    boolean damaged = at == file.bytes.length && java.util.Arrays.hashCode(file.bytes) != file.crc();
                    loop.execute(() -> {
                        if (!closed && damaged) {
                            listener.failed(new StoreException("the body has other bytes than were written"), true);
                        } else if (!closed) {
                            listener.piece(piece);
                        }
                    });
                });
            }

            @Override
            public void close() {
                if (!closed) {
                    closed = true;
                    open--;
                }
            }
        };
    }
}
