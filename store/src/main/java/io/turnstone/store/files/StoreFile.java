package io.turnstone.store.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file. Reads may happen on any thread beside the one that writes. */
public interface StoreFile extends Closeable {

    /** Writes all remaining bytes at an offset; durable on return when the file was opened so. */
    void write(ByteBuffer source, long offset) throws IOException;

    /** Reads until the target is full or the file ends; how many bytes were read. */
    int read(ByteBuffer target, long offset) throws IOException;

    /** Makes everything written so far durable, the length included. */
    void force() throws IOException;

    /** Cuts the file, or lengthens it with zeros. */
    void resize(long length) throws IOException;

    /** Length in bytes. */
    long size() throws IOException;

    @Override
    void close() throws IOException;
}
