package io.turnstone.store.tools;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.journal.StoreOptions;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;

/** Reads an export (docs/export.md) line by line. Owned by one thread. */
final class ExportReader implements AutoCloseable {

    private static final int BUFFER = 1 << 18;

    /** Longer than any line we write: base64 of a piece of a body, and an overlay. */
    private static final int MAX_LINE = 32 << 20;

    private final Path file;
    private final InputStream in;
    private final CRC32C crc = new CRC32C();
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1 << 12);
    private long lines;
    private long definitions;
    private long keys;
    private long messages;
    private long bytes;

    /** Takes what is read. */
    interface Visitor {
        /** A definition. */
        void definition(String kind, String name, byte[] value) throws IOException;

        /** By what a queue knows a message when it is published again. */
        void key(String queue, MessageKey key);

        /** A message; the line says all but the body. */
        void message(JsonLine line, byte[] body) throws IOException;

        /** A message whose body was in a file; what of the body is not read is passed over. */
        void message(JsonLine line, int headBytes, InputStream body) throws IOException;
    }

    /** The body of one message in pieces. */
    private final class Pieces extends InputStream {
        private long left;
        private ByteBuffer piece = ByteBuffer.allocate(0);

        Pieces(long length) {
            left = length;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int size) throws IOException {
            if (!piece.hasRemaining()) {
                if (left == 0) {
                    return -1;
                }
                piece = piece(left);
                left -= piece.remaining();
            }
            int count = Math.min(size, piece.remaining());
            piece.get(into, offset, count);
            return count;
        }
    }

    ExportReader(Path file) throws IOException {
        this.file = file;
        var plain = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        try {
            in = file.toString().endsWith(".gz")
                    ? new BufferedInputStream(new GZIPInputStream(plain, BUFFER), BUFFER)
                    : plain;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /**
     * Hands on everything; how many messages there were.
     *
     * @throws StoreException when it is not a whole export; then nothing of it should be used
     */
    long read(Visitor visitor) throws IOException {
        try {
            head();
            while (true) {
                long sum = crc.getValue();
                var line = next();
                switch (line.type()) {
                    case ExportFormat.DEFINITION -> {
                        definitions++;
                        visitor.definition(line.text("kind"), line.text("name"), line.bytes("value"));
                    }
                    case ExportFormat.KEY -> {
                        keys++;
                        visitor.key(line.text("queue"), key(line));
                    }
                    case ExportFormat.MESSAGE -> {
                        messages++;
                        message(line, visitor);
                    }
                    case ExportFormat.END -> {
                        end(line, sum);
                        return messages;
                    }
                    default -> throw new IllegalArgumentException("type '" + line.type() + "' is unknown");
                }
            }
        } catch (IllegalArgumentException e) {
            throw damaged(String.valueOf(e.getMessage()), e);
        } catch (EOFException e) {
            throw damaged("it ends early", e);
        }
    }

    private StoreException damaged(String why, Exception cause) {
        return new StoreException(
                file + " is no whole export: line " + lines + ": " + why + "; export again, or get the file again",
                cause);
    }

    private void head() throws IOException {
        var head = next();
        if (!head.type().equals(ExportFormat.HEAD)) {
            throw new IllegalArgumentException("this is not the first line of an export");
        }
        long version = head.number(ExportFormat.VERSION_KEY);
        if (version < 1 || version > ExportFormat.VERSION) {
            throw new IllegalArgumentException(
                    "version " + version + " of the format is not known, only those up to " + ExportFormat.VERSION);
        }
    }

    /** Of no queue yet. */
    private static MessageKey key(JsonLine line) {
        var bits = ByteBuffer.wrap(line.bytes("key"));
        long max = line.number("max");
        if (bits.remaining() != 2 * Long.BYTES || max < 1 || max > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a key of " + bits.remaining() + " bytes, not 16, of which " + max + " are remembered");
        }
        long atMs = line.number("atMs");
        return new MessageKey(0, bits.getLong(), bits.getLong(), atMs, line.number("untilMs"), (int) max);
    }

    private void message(JsonLine line, Visitor visitor) throws IOException {
        if (!line.has("headBytes")) {
            byte[] body = body(line);
            bytes += body.length;
            visitor.message(line, body);
            return;
        }
        long length = line.number("bodyBytes");
        long head = line.number("headBytes");
        if (head < 0 || head > Math.min(length, Spool.HEAD_BYTES)) {
            throw new IllegalArgumentException("a head of " + head + " bytes of a body of " + length);
        }
        bytes += length;
        var pieces = new Pieces(length);
        visitor.message(line, (int) head, pieces);
        pieces.transferTo(OutputStream.nullOutputStream());
    }

    private ByteBuffer piece(long left) throws IOException {
        byte[] data = next().bytes("data");
        if (data.length == 0 || data.length > left) {
            throw new IllegalArgumentException("a body is not as long as it says");
        }
        return ByteBuffer.wrap(data);
    }

    private byte[] body(JsonLine line) throws IOException {
        if (line.has("body")) {
            return line.bytes("body");
        }
        long length = line.number("bodyBytes");
        if (length < 0 || length > StoreOptions.MAX_BODY) {
            throw new IllegalArgumentException(
                    "a body of " + length + " bytes is too large: at most " + StoreOptions.MAX_BODY);
        }
        var body = ByteBuffer.allocate((int) length);
        while (body.hasRemaining()) {
            body.put(piece(body.remaining()));
        }
        return body.array();
    }

    private void end(JsonLine line, long sum) throws IOException {
        if (line.number("definitions") != definitions
                || (line.has("keys") ? line.number("keys") : 0) != keys
                || line.number("messages") != messages
                || line.number("bodyBytes") != bytes) {
            throw new IllegalArgumentException("there were " + definitions + " definitions, " + keys + " keys, "
                    + messages + " messages and " + bytes + " bytes, which is not what its end says");
        }
        if (!line.text("crc32c").equals(String.format("%08x", sum))) {
            throw new IllegalArgumentException("the checksum of the lines before is another");
        }
        if (in.read() >= 0) {
            throw new IllegalArgumentException("there is something behind the end");
        }
    }

    private JsonLine next() throws IOException {
        buffer.reset();
        lines++;
        while (true) {
            int read = in.read();
            if (read < 0) {
                throw new EOFException();
            }
            buffer.write(read);
            if (read == '\n') {
                break;
            }
            if (buffer.size() > MAX_LINE) {
                throw new IllegalArgumentException("a line of more than " + MAX_LINE + " bytes");
            }
        }
        byte[] line = buffer.toByteArray();
        crc.update(line);
        return JsonLine.parse(new String(line, StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
