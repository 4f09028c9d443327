package io.turnstone.store.spool;

import io.turnstone.store.files.StoreFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** All bytes of a body in a file; the end comes only when they are what was written. Owned by one thread. */
public final class SpoolInput extends InputStream {

    private final StoreFile file;
    private final long length;
    private final int crc;
    private final CRC32C sum = new CRC32C();
    private long at;

    SpoolInput(StoreFile file, long length, int crc) {
        this.file = file;
        this.length = length;
        this.crc = crc;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int size) throws IOException {
        if (at == length) {
            if ((int) sum.getValue() != crc || file.size() != length) {
                throw new IOException("it is not what was written");
            }
            return -1;
        }
        int count = (int) Math.min(size, length - at);
        if (file.read(ByteBuffer.wrap(into, offset, count), at) < count) {
            throw new EOFException("it is not what was written, but ends early");
        }
        sum.update(into, offset, count);
        at += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
