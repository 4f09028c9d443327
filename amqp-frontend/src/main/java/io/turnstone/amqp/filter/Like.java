package io.turnstone.amqp.filter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text matched with a pattern, byte by byte: {@code _} is one character, {@code %} any number of them. Immutable, any
 * thread.
 */
final class Like implements Formula {

    private static final int ONE = -1;
    private static final int ANY = -2;

    /** A match that takes more steps is given up as unknown, so that no pattern holds up a loop. */
    private static final int MAX_STEPS = 200_000;

    private final Term subject;
    /** Bytes, {@link #ONE} and {@link #ANY}. */
    private final int[] pattern;

    private final Dialect dialect;
    private final int register;

    Like(Term subject, int[] pattern, Dialect dialect, int register) {
        this.subject = subject;
        this.pattern = pattern;
        this.dialect = dialect;
        this.register = register;
    }

    /** A pattern to match with, or null when it ends with the escape character. */
    static int @Nullable [] pattern(String text, int escape) {
        var compiled = new int[text.getBytes(StandardCharsets.UTF_8).length];
        int size = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == escape) {
                if (i == text.length()) {
                    return null;
                }
                c = text.codePointAt(i);
                i += Character.charCount(c);
            } else if (c == '%' || c == '_') {
                compiled[size++] = c == '%' ? ANY : ONE;
                continue;
            }
            for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                compiled[size++] = b & 0xff;
            }
        }
        return Arrays.copyOf(compiled, size);
    }

    /** A pattern of what begins or ends with a text. */
    static int[] affix(String text, boolean prefix) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var pattern = new int[bytes.length + 1];
        pattern[prefix ? bytes.length : 0] = ANY;
        for (int i = 0; i < bytes.length; i++) {
            pattern[prefix ? i : i + 1] = bytes[i] & 0xff;
        }
        return pattern;
    }

    @Override
    public Truth test(Evaluation of) {
        Value value = of.register(register);
        subject.read(of, value);
        if (value.nothing()) {
            return Truth.UNKNOWN;
        }
        if (value.kind() != Value.Kind.TEXT) {
            return dialect == Dialect.SQL ? Truth.UNKNOWN : Truth.FALSE;
        }
        return match(value.bytes(), value.from(), value.from() + value.length());
    }

    /** From the left, going back to the latest {@code %} only: those before it need not change. */
    private Truth match(byte[] text, int from, int end) {
        int at = from;
        int next = 0;
        int resumeNext = -1;
        int resumeAt = 0;
        for (int steps = 0; steps < MAX_STEPS; steps++) {
            int wanted = next < pattern.length ? pattern[next] : Integer.MIN_VALUE;
            if (wanted == ANY) {
                resumeNext = ++next;
                resumeAt = at;
                if (next == pattern.length) {
                    return Truth.TRUE;
                }
            } else if (at == end) {
                return Truth.of(next == pattern.length);
            } else if (wanted == ONE) {
                at = character(text, at, end);
                next++;
            } else if (wanted == (text[at] & 0xff)) {
                at++;
                next++;
            } else if (resumeNext >= 0) {
                next = resumeNext;
                at = ++resumeAt;
            } else {
                return Truth.FALSE;
            }
        }
        return Truth.UNKNOWN;
    }

    /** Behind the character that begins there: UTF-8 continues with bytes of the form 10xxxxxx. */
    private static int character(byte[] text, int at, int end) {
        int behind = at + 1;
        while (behind < end && (text[behind] & 0xc0) == 0x80) {
            behind++;
        }
        return behind;
    }
}
