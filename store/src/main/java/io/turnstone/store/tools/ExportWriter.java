package io.turnstone.store.tools;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.spool.SpooledFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;

/** Writes an export (docs/export.md); whole once {@link #end} was called. Owned by one thread. */
final class ExportWriter implements StoreSink, AutoCloseable {

    /** Bytes of a body in one line; a multiple of three, so that no line but the last is padded. */
    private static final int PIECE = 3 << 18;

    private static final int BUFFER = 1 << 18;

    private final Path folder;
    private final FileChannel channel;
    private final OutputStream out;
    private final CRC32C crc = new CRC32C();
    private final Map<Integer, String> names = new HashMap<>();
    private final QueueDefinitions queues;
    private long definitions;
    private long keys;
    private long messages;
    private long bytes;

    ExportWriter(Path file, String storeId, QueueDefinitions queues) throws IOException {
        this.queues = queues;
        folder = file.toAbsolutePath().resolveSibling("");
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            OutputStream plain = Channels.newOutputStream(channel);
            out = file.toString().endsWith(".gz")
                    ? new GZIPOutputStream(plain, BUFFER)
                    : new BufferedOutputStream(plain, BUFFER);
            write(JsonLine.of(ExportFormat.HEAD)
                    .put(ExportFormat.VERSION_KEY, ExportFormat.VERSION)
                    .put("store", storeId)
                    .put("createdAtMs", System.currentTimeMillis()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void write(JsonLine line) throws IOException {
        byte[] encoded = line.encode();
        crc.update(encoded);
        out.write(encoded);
    }

    @Override
    public void definition(String kind, String name, byte[] value) throws IOException {
        queues.number(kind, value).ifPresent(number -> names.put(number, name));
        definitions++;
        write(JsonLine.of(ExportFormat.DEFINITION)
                .put("kind", kind)
                .put("name", name)
                .put("value", value, 0, value.length));
    }

    @Override
    public void key(MessageKey key) throws IOException {
        keys++;
        byte[] bits = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(key.high())
                .putLong(key.low())
                .array();
        write(JsonLine.of(ExportFormat.KEY)
                .put("queue", names.getOrDefault(key.queueId(), ""))
                .put("key", bits, 0, bits.length)
                .put("atMs", key.atMs())
                .put("untilMs", key.untilMs())
                .put("max", key.max()));
    }

    @Override
    public void message(int queue, int level, long expiresAtMs, StoredMessage message) throws IOException {
        messages++;
        bytes += message.body().length();
        byte[] overlay = message.overlay();
        var line = JsonLine.of(ExportFormat.MESSAGE)
                .put("queue", names.getOrDefault(queue, ""))
                .put("position", message.position())
                .put("level", level)
                .put("expiresAtMs", expiresAtMs)
                .put("format", message.format())
                .put("overlay", overlay, 0, overlay.length);
        if (message.body() instanceof Body.Spooled spooled) {
            write(line.put("bodyBytes", spooled.length())
                    .put("headBytes", spooled.head().size()));
            pieces(spooled);
            return;
        }
        var body = (Body.Inline) message.body();
        if (body.size() <= PIECE) {
            write(line.put("body", body.array(), body.offset(), body.size()));
            return;
        }
        write(line.put("bodyBytes", body.size()));
        for (int at = 0; at < body.size(); at += PIECE) {
            int count = Math.min(PIECE, body.size() - at);
            write(JsonLine.of(ExportFormat.BODY).put("data", body.array(), body.offset() + at, count));
        }
    }

    private void pieces(Body.Spooled body) throws IOException {
        try (var in = ((SpooledFile) body.file()).open()) {
            for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
                write(JsonLine.of(ExportFormat.BODY).put("data", piece, 0, piece.length));
            }
        }
    }

    /** Says that this is all, and makes it durable. */
    void end() throws IOException {
        String sum = String.format("%08x", crc.getValue());
        out.write(JsonLine.of(ExportFormat.END)
                .put("definitions", definitions)
                .put("keys", keys)
                .put("messages", messages)
                .put("bodyBytes", bytes)
                .put("crc32c", sum)
                .encode());
        if (out instanceof GZIPOutputStream zipped) {
            zipped.finish();
        }
        out.flush();
        channel.force(true);
        new DiskFiles().forceFolder(folder);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
