package io.turnstone.it.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Long bodies, and how they are compared without being carried around. */
public final class LongText {

    /** Longer texts than this, in characters, are represented by length and digest. */
    static final int LONG = 4096;

    private LongText() {}

    /** A text of this many ASCII characters that does not repeat within one frame. */
    public static String ofLength(int length) {
        var text = new StringBuilder(length + 16);
        for (int i = 0; text.length() < length; i++) {
            text.append(Integer.toString(i, 36)).append(' ');
        }
        text.setLength(length);
        return text.toString();
    }

    /** The text itself, or {@code LENGTH sha256:HEX} for a long one. */
    public static String brief(String text) {
        if (text.length() <= LONG) {
            return text;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return text.length() + " sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
