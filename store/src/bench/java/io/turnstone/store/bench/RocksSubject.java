package io.turnstone.store.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB: big-endian numbers as keys, what is in flight in one {@code WriteBatch}, written with {@code sync}. As its
 * wiki recommends: the write-ahead log's files are recycled, so that a sync writes no metadata; a background thread
 * per processor; four memtables of 64 MiB; table files are synced as they grow; keys that are written once are
 * removed with {@code singleDelete}. Compression is off because the messages do not compress. Reads with one iterator
 * and 2 MiB of read-ahead. Owned by one thread.
 */
final class RocksSubject implements Subject {

    private static final int READ = 1000;
    private static final String[] MEMORY = {
        "rocksdb.cur-size-all-mem-tables", "rocksdb.estimate-table-readers-mem", "rocksdb.block-cache-usage"
    };

    static {
        RocksDB.loadLibrary();
    }

    private final Options options;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final ReadOptions ahead = new ReadOptions().setReadaheadSize(2 << 20);
    private final WriteBatch batch = new WriteBatch();
    private final RocksDB db;
    private final RocksIterator iterator;
    private final Batches batches;
    private boolean wanted;

    RocksSubject(Path folder) throws IOException {
        options = new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setIncreaseParallelism(Runtime.getRuntime().availableProcessors())
                .setMaxWriteBufferNumber(4)
                .setRecycleLogFileNum(4)
                .setBytesPerSync(1 << 20);
        try {
            db = RocksDB.open(options, folder.toString());
        } catch (RocksDBException e) {
            throw new IOException("RocksDB does not open " + folder, e);
        }
        iterator = db.newIterator(ahead);
        iterator.seekToLast();
        batches = new Batches(iterator.isValid() ? number(iterator.key()) + 1 : 0);
        iterator.seekToFirst();
    }

    @Override
    public void enqueue(byte[] body) throws IOException {
        try {
            batch.put(key(batches.enqueued()), body);
        } catch (RocksDBException e) {
            throw new IOException("RocksDB takes no message", e);
        }
    }

    @Override
    public void remove(long key) throws IOException {
        batches.removed();
        try {
            batch.singleDelete(key(key));
        } catch (RocksDBException e) {
            throw new IOException("RocksDB takes no removal", e);
        }
    }

    @Override
    public void more() {
        wanted = true;
    }

    @Override
    public void turn(Answers answers) throws IOException {
        if (wanted) {
            wanted = false;
            for (int i = 0; i < READ && iterator.isValid(); i++, iterator.next()) {
                answers.message(number(iterator.key()), iterator.value(), 0);
            }
        }
        batches.commit(this::write, answers);
    }

    private void write() throws IOException {
        try {
            db.write(synced, batch);
        } catch (RocksDBException e) {
            throw new IOException("RocksDB does not commit", e);
        }
        batch.clear();
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static long number(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    @Override
    public long nativeBytes() {
        long bytes = 0;
        try {
            for (String part : MEMORY) {
                bytes += db.getLongProperty(part);
            }
        } catch (RocksDBException e) {
            throw new IllegalStateException("RocksDB does not tell its memory", e);
        }
        return bytes;
    }

    @Override
    public void close() {
        iterator.close();
        db.close();
        batch.close();
        ahead.close();
        synced.close();
        options.close();
    }
}
