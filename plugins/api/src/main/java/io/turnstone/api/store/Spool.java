package io.turnstone.api.store;

import io.turnstone.api.Body;
import io.turnstone.api.Loop;
import java.nio.ByteBuffer;

/**
 * Keeps bodies that are too large for the heap, each in a file of its own: written and read piece by piece, off the
 * loops.
 *
 * <p>A file lives as long as a record of the store names it or somebody holds its {@link File}.
 *
 * <p><b>Threads:</b> {@link #write} and {@link #read} from any loop; what they give is owned by that loop, and its
 * listener is called there. Nothing blocks.
 */
public interface Spool {

    /** Most bytes that a {@link Body.Spooled} may have on the heap. */
    int HEAD_BYTES = 64 * 1024;

    /** Begins a body. */
    Writer write(Loop loop, Writer.Listener listener);

    /** Opens a body to be read behind its head, once and in order. */
    Reader read(Body.Spooled body, Loop loop, Reader.Listener listener);

    /** Whether so much waits to be written, over all bodies, that writers should wait too. Any thread, cheap. */
    boolean congested();

    /** One whole body in a file. Immutable, any thread. */
    interface File {
        /** The number by which the store knows it, unique among all files of this store. */
        long number();

        /** Length in bytes. */
        long length();

        /** CRC32C of all its bytes. */
        int crc();

        /**
         * Says that somebody may want to read it even when no record of the store names it any more and nobody holds it.
         * Then, and when no record ever named it and nobody held it, it stays until this object is garbage; else it is
         * deleted when the last record and the last holder are gone.
         */
        void share();

        /**
         * Somebody needs it until {@link #release}, or until this object is garbage. Of a body that a record names too, or
         * soon will, {@link #share} is said as well: records are counted later than holders.
         */
        void hold();

        /** One who said {@link #hold} needs it no more. */
        void release();
    }

    /** One body on its way into a file. */
    interface Writer {
        /** Takes a copy of bytes that come next. Does nothing after a failure. */
        void add(ByteBuffer bytes);

        /**
         * That was all.
         *
         * @param durable whether the file must survive a crash once {@link Listener#finished} was told
         */
        void finish(boolean durable);

        /** Gives the body up and deletes what there is of the file; the listener hears no more. */
        void discard();

        /** Told how it goes. */
        interface Listener {
            /** So many bytes of what was added need no memory any more. */
            void written(int bytes);

            /** The body is whole; the last that is told. */
            void finished(File file);

            /** The body is lost, and what there was of the file deleted; the last that is told. */
            void failed(StoreException failure);
        }
    }

    /** One body on its way out of a file. */
    interface Reader {
        /**
         * Asks for the next piece; at most one may be asked for and not told. Its bytes are valid until the piece after
         * the next is asked for, so one may be read ahead.
         */
        void next();

        /** Ends it; the listener hears no more. */
        void close();

        /** Told what was read. */
        interface Listener {
            /** The next piece, not empty. The last is told only when all bytes together are what was written. */
            void piece(ByteBuffer bytes);

            /**
             * The rest cannot be had; the last that is told.
             *
             * @param damaged whether the file is not what was written, or gone; else trying again may help
             */
            void failed(StoreException failure, boolean damaged);
        }
    }
}
