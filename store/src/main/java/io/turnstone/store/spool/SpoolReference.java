package io.turnstone.store.spool;

import io.turnstone.api.Body;
import java.nio.ByteBuffer;

/**
 * How journal and MapDB keep a body that is in a file: instead of its bytes they have where it is, and its head. The
 * format's name is marked then.
 */
public final class SpoolReference {

    /** No format's name begins so. */
    private static final String MARK = ">";

    /** Number, length and CRC of the file; the head follows. */
    private static final int FIXED = 8 + 8 + 4;

    private SpoolReference() {}

    /** Whether what stands under that format's name is a reference. */
    public static boolean is(String format) {
        return format.startsWith(MARK);
    }

    /** The name under which a body of a format stands. */
    public static String format(String format, Body body) {
        return body instanceof Body.Spooled ? MARK + format : format;
    }

    /** How many bytes a body takes. */
    public static long size(Body body) {
        return body instanceof Body.Spooled spooled ? FIXED + spooled.head().size() : body.length();
    }

    /** Writes a body, or where it is. */
    public static void put(Body body, ByteBuffer target) {
        Body.Inline bytes;
        if (body instanceof Body.Spooled spooled) {
            target.putLong(spooled.file().number())
                    .putLong(spooled.length())
                    .putInt(spooled.file().crc());
            bytes = spooled.head();
        } else {
            bytes = (Body.Inline) body;
        }
        target.put(bytes.array(), bytes.offset(), bytes.size());
    }

    /** The file that a reference names. */
    public static SpoolUse use(ByteBuffer reference, SpoolFolder spool) {
        var bytes = reference.duplicate();
        return spool.use(bytes.getLong(), bytes.getLong());
    }

    /** The body that is kept in these bytes. */
    public static Body body(String format, byte[] bytes, SpoolFolder spool) {
        if (!is(format)) {
            return Body.Inline.of(bytes);
        }
        var reference = ByteBuffer.wrap(bytes);
        var use = use(reference, spool);
        var file = SpooledFile.of(spool, use, reference.getInt(16));
        return new Body.Spooled(new Body.Inline(bytes, FIXED, bytes.length - FIXED), file);
    }

    /** The name of the format itself. */
    public static String unmarked(String format) {
        return is(format) ? format.substring(MARK.length()) : format;
    }
}
