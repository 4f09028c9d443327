package io.turnstone.api;

import io.turnstone.api.store.Spool;
import java.util.Objects;

/** The encoded bytes of one message, exactly as its publisher sent them. Immutable; shared between queues and loops. */
public sealed interface Body {

    /** Length in bytes. */
    long length();

    /** How many of the bytes are on the heap. */
    int heapBytes();

    /**
     * Says that somebody may want it even when the store has no message with it any more; said before the store is told
     * so. Does nothing for what is on the heap.
     */
    default void share() {}

    /** A queue that does not keep it in the store, or somebody on the way to one, needs it until {@link #release}. */
    default void hold() {}

    /** One who said {@link #hold} needs it no more. */
    default void release() {}

    /** Bytes on the heap: a slice of an array that nobody writes to any more. */
    record Inline(byte[] array, int offset, int size) implements Body {
        public Inline {
            Objects.checkFromIndexSize(offset, size, array.length);
        }

        /** The whole array. */
        public static Inline of(byte[] array) {
            return new Inline(array, 0, array.length);
        }

        @Override
        public long length() {
            return size;
        }

        @Override
        public int heapBytes() {
            return size;
        }
    }

    /**
     * Bytes in a file of their own, because they are too large for the heap.
     *
     * @param head the first of them, enough for a {@link MessageFormat} to index the message
     * @param file all of them, the head included
     */
    record Spooled(Inline head, Spool.File file) implements Body {
        public Spooled {
            if (head.size() > file.length()) {
                throw new IllegalArgumentException(
                        "a head of " + head.size() + " bytes is longer than the body, " + file.length());
            }
        }

        @Override
        public long length() {
            return file.length();
        }

        @Override
        public int heapBytes() {
            return head.size();
        }

        @Override
        public void share() {
            file.share();
        }

        @Override
        public void hold() {
            file.hold();
        }

        @Override
        public void release() {
            file.release();
        }
    }
}
