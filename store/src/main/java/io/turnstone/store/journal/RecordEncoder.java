package io.turnstone.store.journal;

import static io.turnstone.store.journal.JournalFormat.*;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.files.Checksum;
import io.turnstone.store.spool.SpoolReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns records into the bytes of the journal. Owned by the thread that writes the journal. */
final class RecordEncoder {

    private static final int MAX_FORMAT = 255;
    private static final int MAX_U16 = 0xFFFF;
    private static final int CHANGE_HEADER = 5;
    private static final int MAX_QUEUES = JournalFormat.KEYED - 1;

    private String format = "";
    private byte[] formatBytes = new byte[0];

    /** Bytes that a record takes in the journal, header and padding included; may exceed an int. */
    long size(StoreRecord record) {
        return RECORD_HEADER + ((payloadSize(record) + 7) & ~7L);
    }

    private long payloadSize(StoreRecord record) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            return 5L
                    + targetsSize(enqueue.queues())
                    + keysSize(enqueue.marks())
                    + formatBytes(format(enqueue)).length
                    + enqueue.overlay().length
                    + SpoolReference.size(enqueue.body());
        } else if (record instanceof StoreRecord.Remove remove) {
            return 8L + varSizes(remove.positions());
        } else if (record instanceof StoreRecord.Amend amend) {
            return 12L + amend.overlay().length;
        } else if (record instanceof StoreRecord.Move move) {
            return 12L + targetsSize(move.targets()) + keysSize(move.marks()) + move.overlay().length;
        } else if (record instanceof StoreRecord.Define define) {
            byte[] value = define.value();
            return 5L + utf8(define.kind()).length + utf8(define.name()).length + (value == null ? 0 : value.length);
        } else if (record instanceof StoreRecord.Commit commit) {
            long size = 4;
            for (int i = 0; i < commit.changes().size(); i++) {
                size += CHANGE_HEADER + changeSize(commit.changes().get(i));
            }
            return size;
        }
        return 4L;
    }

    private long changeSize(StoreRecord.Change change) {
        return change instanceof StoreRecord.Enter enter
                ? 8L + targetsSize(enter.queues()) + keysSize(enter.marks())
                : payloadSize((StoreRecord) change);
    }

    private static long targetsSize(List<? extends StoredQueue> queues) {
        return 2L + 5L * queues.size() + 8L;
    }

    private static long keysSize(Marks marks) {
        return marks.keys().isEmpty()
                ? 0
                : 2L + (long) JournalFormat.KEY_BYTES * marks.keys().size();
    }

    /** Why a record does not fit into the widths of its fields; null when it does. */
    @Nullable
    String refusal(StoreRecord record) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            int format = formatBytes(format(enqueue)).length;
            if (SpoolReference.is(enqueue.format())) {
                return "the name of a message format must not begin like '" + enqueue.format() + "'";
            }
            return format > MAX_FORMAT
                    ? "the name of a message format takes " + format + " bytes: at most " + MAX_FORMAT
                    : queuesRefusal(enqueue.queues().size());
        } else if (record instanceof StoreRecord.Move move) {
            return queuesRefusal(move.targets().size());
        } else if (record instanceof StoreRecord.Define define) {
            int longest = Math.max(utf8(define.kind()).length, utf8(define.name()).length);
            return longest > MAX_U16
                    ? "kind or name of a definition takes " + longest + " bytes: at most " + MAX_U16
                    : null;
        } else if (record instanceof StoreRecord.Commit commit) {
            int most = 0;
            for (var change : commit.changes()) {
                most = Math.max(
                        most,
                        change instanceof StoreRecord.Enter enter
                                ? enter.queues().size()
                                : 0);
                most = Math.max(
                        most,
                        change instanceof StoreRecord.Move move ? move.targets().size() : 0);
            }
            return queuesRefusal(most);
        }
        return null;
    }

    private static @Nullable String queuesRefusal(int queues) {
        return queues > MAX_QUEUES ? queues + " queues are too many for one record: at most " + MAX_QUEUES : null;
    }

    /** Writes a record with its header at the buffer's position and moves it behind the padding. */
    void encode(StoreRecord record, long position, ByteBuffer buffer, Checksum sum) {
        int start = buffer.position();
        buffer.position(start + RECORD_HEADER);
        int type = payload(record, buffer);
        finish(start, type, position, buffer, sum);
    }

    /** Writes the record that ends a store which was closed in order. */
    void encodeSeal(long position, ByteBuffer buffer, Checksum sum) {
        int start = buffer.position();
        buffer.position(start + RECORD_HEADER);
        finish(start, SEAL, position, buffer, sum);
    }

    private static void finish(int start, int type, long position, ByteBuffer buffer, Checksum sum) {
        int length = buffer.position() - start - RECORD_HEADER;
        int end = start + RECORD_HEADER + aligned(length);
        while (buffer.position() < end) {
            buffer.put((byte) 0);
        }
        putRecordHeader(buffer, start, length, type, position, sum);
    }

    private int payload(StoreRecord record, ByteBuffer buffer) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            putTargets(buffer, enqueue.queues(), enqueue.marks());
            byte[] name = formatBytes(format(enqueue));
            buffer.put((byte) name.length).put(name);
            buffer.putInt(enqueue.overlay().length).put(enqueue.overlay());
            SpoolReference.put(enqueue.body(), buffer);
            return ENQUEUE;
        } else if (record instanceof StoreRecord.Remove remove) {
            buffer.putInt(remove.queue().id()).putInt(remove.positions().length);
            long last = 0;
            for (long position : remove.positions()) {
                Fields.putVar(buffer, position - last);
                last = position;
            }
            return REMOVE;
        } else if (record instanceof StoreRecord.Amend amend) {
            buffer.putInt(amend.queue().id()).putLong(amend.position()).put(amend.overlay());
            return AMEND;
        } else if (record instanceof StoreRecord.Move move) {
            buffer.putInt(move.source().id()).putLong(move.position());
            putTargets(buffer, move.targets(), move.marks());
            buffer.put(move.overlay());
            return MOVE;
        } else if (record instanceof StoreRecord.Define define) {
            byte[] value = define.value();
            buffer.put((byte) (value == null ? 0 : 1));
            putText(buffer, define.kind());
            putText(buffer, define.name());
            if (value != null) {
                buffer.put(value);
            }
            return DEFINE;
        } else if (record instanceof StoreRecord.Drop drop) {
            buffer.putInt(drop.queue().id());
            return DROP;
        } else if (record instanceof StoreRecord.Commit commit) {
            buffer.putInt(commit.span());
            for (int i = 0; i < commit.changes().size(); i++) {
                putChange(buffer, commit.changes().get(i));
            }
            return COMMIT;
        }
        throw new IllegalArgumentException("unknown record " + record);
    }

    private void putChange(ByteBuffer buffer, StoreRecord.Change change) {
        int start = buffer.position();
        buffer.position(start + CHANGE_HEADER);
        int type = ENTER;
        if (change instanceof StoreRecord.Enter enter) {
            buffer.putLong(enter.pending());
            putTargets(buffer, enter.queues(), enter.marks());
        } else {
            type = payload((StoreRecord) change, buffer);
        }
        buffer.put(start, (byte) type).putInt(start + 1, buffer.position() - start - CHANGE_HEADER);
    }

    private static String format(StoreRecord.Enqueue enqueue) {
        return SpoolReference.format(enqueue.format(), enqueue.body());
    }

    private static void putTargets(ByteBuffer buffer, List<? extends StoredQueue> queues, Marks marks) {
        List<MessageKey> keys = marks.keys();
        buffer.putShort((short) (keys.isEmpty() ? queues.size() : queues.size() | JournalFormat.KEYED));
        for (int i = 0; i < queues.size(); i++) {
            var queue = queues.get(i);
            buffer.putInt(queue.id()).put((byte) marks.level(queue.levels()));
        }
        buffer.putLong(marks.expiresAtMs());
        if (!keys.isEmpty()) {
            buffer.putShort((short) keys.size());
            for (MessageKey key : keys) {
                buffer.putInt(key.queueId()).putLong(key.high()).putLong(key.low());
                buffer.putLong(key.atMs()).putLong(key.untilMs()).putInt(key.max());
            }
        }
    }

    private static void putText(ByteBuffer buffer, String text) {
        byte[] bytes = utf8(text);
        buffer.putShort((short) bytes.length).put(bytes);
    }

    /** Nearly all messages have the same format, so the last one's bytes are kept. */
    @SuppressWarnings("ReferenceEquality") // a shortcut before equals
    private byte[] formatBytes(String name) {
        if (name != format && !name.equals(format)) {
            formatBytes = utf8(name);
            format = name;
        }
        return formatBytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static long varSizes(long[] ascending) {
        long size = 0;
        long last = 0;
        for (long value : ascending) {
            size += Fields.varSize(value - last);
            last = value;
        }
        return size;
    }
}
