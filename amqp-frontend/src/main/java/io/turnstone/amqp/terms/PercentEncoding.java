package io.turnstone.amqp.terms;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Percent-encoding of UTF-8 as in RFC 3986. */
public final class PercentEncoding {

    private static final String HEX = "0123456789ABCDEF";

    private PercentEncoding() {}

    /** Everything but letters, digits and {@code -._~} becomes {@code %XX}. */
    public static String encode(String text) {
        var encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (unreserved(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return encoded.toString();
    }

    /** The text, or null when a {@code %} is not followed by two hexadecimal digits or the bytes are not UTF-8. */
    public static @Nullable String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        try {
            ByteBuffer raw = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(encoded));
            ByteBuffer bytes = ByteBuffer.allocate(raw.remaining());
            while (raw.hasRemaining()) {
                byte b = raw.get();
                if (b == '%') {
                    if (raw.remaining() < 2) {
                        return null;
                    }
                    int high = Character.digit(raw.get(), 16);
                    int low = Character.digit(raw.get(), 16);
                    if (high < 0 || low < 0) {
                        return null;
                    }
                    b = (byte) (high << 4 | low);
                }
                bytes.put(b);
            }
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    private static boolean unreserved(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~';
    }
}
