package io.turnstone.broker.security;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern over resources such as {@code /queues/NAME}: {@code *} stands for any characters within a segment,
 * {@code **} for any characters at all. Immutable.
 *
 * <p>Matching takes time in proportion to pattern times resource, whatever both contain: the resource comes from a peer.
 */
public final class Glob {

    private static final int STAR = -1;
    private static final int STAR_STAR = -2;

    private final String text;
    private final int[] tokens;

    private Glob(String text, int[] tokens) {
        this.text = text;
        this.tokens = tokens;
    }

    /** Reads a pattern; every text is one. */
    public static Glob of(String text) {
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            boolean star = text.charAt(i) == '*';
            boolean twice = star && i + 1 < text.length() && text.charAt(i + 1) == '*';
            tokens.add(twice ? STAR_STAR : star ? STAR : text.charAt(i));
            if (twice) {
                i++;
            }
        }
        return new Glob(text, tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Whether the whole resource fits. */
    public boolean matches(String resource) {
        var reached = new boolean[tokens.length + 1];
        reached[0] = true;
        skipStars(reached);
        for (int i = 0; i < resource.length(); i++) {
            char c = resource.charAt(i);
            boolean any = false;
            for (int state = tokens.length; state >= 0; state--) {
                boolean stays = state < tokens.length
                        && reached[state]
                        && (tokens[state] == STAR_STAR || (tokens[state] == STAR && c != '/'));
                boolean comes = state > 0 && reached[state - 1] && tokens[state - 1] == c;
                reached[state] = stays || comes;
                any |= reached[state];
            }
            if (!any) {
                return false;
            }
            skipStars(reached);
        }
        return reached[tokens.length];
    }

    /** A star may also stand for nothing. */
    private void skipStars(boolean[] reached) {
        for (int state = 0; state < tokens.length; state++) {
            if (reached[state] && tokens[state] < 0) {
                reached[state + 1] = true;
            }
        }
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }

    /** Equal when written alike. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Glob glob && glob.text.equals(text);
    }

    /** Of the text. */
    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
