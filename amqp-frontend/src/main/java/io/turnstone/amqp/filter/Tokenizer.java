package io.turnstone.amqp.filter;

import io.turnstone.amqp.filter.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts the text of a filter into tokens, in one pass. Used once. */
final class Tokenizer {

    private static final int LONGEST_SIGN = 2;
    private static final List<String> SIGNS =
            List.of("<>", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",");

    private final Dialect dialect;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Tokenizer(Dialect dialect, String text) {
        this.dialect = dialect;
        this.text = text;
    }

    /**
     * The tokens of a text; the last is the end.
     *
     * @throws FilterSyntaxException for what is not a token of the dialect, or for too much of anything
     */
    static List<Token> of(Dialect dialect, String text) {
        if (text.length() > dialect.maxLength) {
            throw new FilterSyntaxException(
                    "the text has " + text.length() + " characters, and must have at most " + dialect.maxLength);
        }
        return new Tokenizer(dialect, text).all();
    }

    private List<Token> all() {
        for (skipSpace(); at < text.length(); skipSpace()) {
            if (tokens.size() == dialect.maxTokens) {
                throw mistake(at, "more than " + dialect.maxTokens + " words, literals and signs are too many");
            }
            tokens.add(next());
        }
        tokens.add(new Token(Kind.END, at, ""));
        return tokens;
    }

    private void skipSpace() {
        while (at < text.length() && (text.charAt(at) <= ' ' || Character.isWhitespace(text.charAt(at)))) {
            at++;
        }
    }

    private Token next() {
        char c = text.charAt(at);
        if (startsName(c)) {
            return word();
        }
        if (digit(c) || (c == '.' && at + 1 < text.length() && digit(text.charAt(at + 1)))) {
            NumberScan number = new NumberScan(dialect, text, at);
            at = number.end();
            return number.token();
        }
        if (c == '\'') {
            return quoted('\'', Kind.STRING);
        }
        if (c == '"') {
            return quoted('"', dialect == Dialect.SQL ? Kind.STRING : Kind.NAME);
        }
        if (c == '[' && dialect == Dialect.SQL) {
            return bracketed();
        }
        for (String sign : SIGNS) {
            if (text.startsWith(sign, at)) {
                int start = at;
                at += sign.length();
                return new Token(Kind.SIGN, start, sign.length() == LONGEST_SIGN && c == '!' ? "<>" : sign);
            }
        }
        throw mistake(at, "the character " + shown(c) + " must stand in a string");
    }

    private static String shown(char c) {
        return c < ' ' || Character.isSurrogate(c) ? String.format(Locale.ROOT, "U+%04X", (int) c) : "'" + c + "'";
    }

    private Token word() {
        int start = at;
        while (at < text.length() && continuesName(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        if (dialect == Dialect.SQL) {
            word = section(word);
        } else if (word.endsWith(".")) {
            throw mistake(at - 1, "a name must not end with a dot");
        }
        return dialect.reserves(word)
                ? new Token(Kind.KEYWORD, start, word.toUpperCase(Locale.ROOT))
                : new Token(Kind.NAME, start, word);
    }

    /** {@code section.name}; what looks like one, with hyphens, belongs to the section's name. */
    private String section(String word) {
        int start = at - word.length();
        int dot = text.indexOf('.', start);
        for (int i = at; i < dot; i++) {
            char c = text.charAt(i);
            if (c != '-' && !continuesName(c)) {
                return word;
            }
        }
        if (dot < 0 || dot + 1 == text.length() || !startsName(text.charAt(dot + 1))) {
            return word;
        }
        at = dot + 1;
        while (at < text.length() && continuesName(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean startsName(char c) {
        return dialect == Dialect.SQL ? latin(c) : Character.isJavaIdentifierStart(c);
    }

    private boolean continuesName(char c) {
        if (dialect == Dialect.SQL) {
            return latin(c) || digit(c) || c == '_';
        }
        // Java calls some control characters parts of names.
        return c == '.' || (Character.isJavaIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }

    private static boolean latin(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    /** A string or name in quotes; a quote in it is written twice. */
    private Token quoted(char quote, Kind kind) {
        int start = at++;
        var content = new StringBuilder();
        while (true) {
            int end = text.indexOf(quote, at);
            if (end < 0) {
                throw mistake(
                        start,
                        "the " + (kind == Kind.NAME ? "name" : "string") + " that begins here with " + quote
                                + " does not end");
            }
            content.append(text, at, end);
            at = end + 1;
            if (at == text.length() || text.charAt(at) != quote) {
                return named(kind, start, content.toString());
            }
            content.append(quote);
            at++;
        }
    }

    /** A name in brackets; a bracket in it is written twice. */
    private Token bracketed() {
        int start = at++;
        var content = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            boolean twice = at < text.length() && text.charAt(at) == c;
            if (c == ']' && !twice) {
                return named(Kind.NAME, start, content.toString());
            }
            if (c == '[' || c == ']') {
                if (!twice) {
                    throw mistake(at - 1, "a bracket in a name in brackets must be written twice");
                }
                at++;
            }
            content.append(c);
        }
        throw mistake(start, "the name that begins here with [ does not end");
    }

    private Token named(Kind kind, int start, String content) {
        if (kind == Kind.NAME) {
            if (content.isEmpty()) {
                throw mistake(start, "a name must not be empty");
            }
            if (content.chars().anyMatch(Character::isISOControl)) {
                throw mistake(start, "a name must not have control characters");
            }
        }
        return new Token(kind, start, content);
    }

    private FilterSyntaxException mistake(int place, String what) {
        return FilterSyntaxException.at(text, place, what);
    }
}
