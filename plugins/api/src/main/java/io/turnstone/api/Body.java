package io.turnstone.api;

import java.nio.file.Path;
import java.util.Objects;

/** The encoded bytes of one message, exactly as its publisher sent them. Immutable; shared between queues and loops. */
public sealed interface Body {

    /** Length in bytes. */
    long length();

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
    }

    /** Bytes in a file of their own, because they are too large for the heap. */
    record Spooled(Path file, long length) implements Body {}
}
