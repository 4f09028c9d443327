package io.turnstone.amqp.filter;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * One piece of the text of a filter. Immutable.
 *
 * @param at where it begins
 * @param text of a keyword in upper case, of a name or string without its quotes, else as written
 * @param exact the value of a whole number
 * @param approximate the value of any other number
 */
record Token(Kind kind, int at, String text, @Nullable BigInteger exact, double approximate) {

    /** The kinds of tokens. */
    enum Kind {
        KEYWORD("the word"),
        NAME("the name"),
        STRING("the string"),
        EXACT("the number"),
        APPROXIMATE("the number"),
        BINARY("the binary"),
        SIGN("the sign"),
        END("the end");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }
    }

    Token(Kind kind, int at, String text) {
        this(kind, at, text, null, 0);
    }

    boolean is(Kind wanted, String what) {
        return kind == wanted && text.equals(what);
    }

    /** How a message about a mistake names it. */
    String shown() {
        return kind == Kind.END ? kind.shown : kind.shown + " " + FilterSyntaxException.quoted(text);
    }
}
