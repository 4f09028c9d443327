package io.turnstone.amqp.filter;

import io.turnstone.amqp.filter.Token.Kind;
import java.math.BigInteger;

/**
 * One number, in Java's syntax: decimal, hexadecimal, octal and binary whole numbers with or without L, and decimal
 * approximate ones with or without exponent, F or D. In SQL, whole decimals and approximate numbers without suffix, and
 * {@code 0x} begins a binary. Used once.
 */
final class NumberScan {

    private static final int BITS = 64;
    private static final int HEX = 16;
    private static final int OCTAL = 8;
    private static final int DECIMAL = 10;

    private final Dialect dialect;
    private final String text;
    private final int start;
    private int at;
    private final Token token;

    NumberScan(Dialect dialect, String text, int start) {
        this.dialect = dialect;
        this.text = text;
        this.start = start;
        this.at = start;
        this.token = scan();
        if (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
            throw mistake("the number " + FilterSyntaxException.quoted(text.substring(start, at))
                    + " must not be followed by " + FilterSyntaxException.quoted(text.substring(at, at + 1)));
        }
    }

    Token token() {
        return token;
    }

    /** Behind the number. */
    int end() {
        return at;
    }

    private Token scan() {
        if (text.charAt(at) == '0' && at + 1 < text.length()) {
            char second = text.charAt(at + 1);
            if (second == 'x' || (second == 'X' && dialect == Dialect.SELECTOR)) {
                at += 2;
                return dialect == Dialect.SQL ? binary() : whole(digits(HEX), HEX);
            }
            if ((second == 'b' || second == 'B') && dialect == Dialect.SELECTOR) {
                at += 2;
                return whole(digits(2), 2);
            }
        }
        return decimal();
    }

    private Token binary() {
        String digits = digits(HEX);
        if (digits.length() % 2 != 0) {
            throw mistake("a binary must have two hexadecimal digits for each byte");
        }
        return new Token(Kind.BINARY, start, digits);
    }

    private Token decimal() {
        skip(DECIMAL);
        boolean approximate = false;
        if (peek('.', '.')) {
            approximate = true;
            at++;
            skip(DECIMAL);
        }
        if (peek('e', 'E')) {
            approximate = true;
            at++;
            if (peek('+', '-')) {
                at++;
            }
            digits(DECIMAL);
        }
        String digits = text.substring(start, at);
        if (dialect == Dialect.SELECTOR && (peek('f', 'F') || peek('d', 'D'))) {
            boolean single = peek('f', 'F');
            at++;
            return approximate(single ? Float.parseFloat(digits) : Double.parseDouble(digits));
        }
        if (approximate) {
            return approximate(Double.parseDouble(digits));
        }
        boolean octal = digits.length() > 1 && digits.charAt(0) == '0' && dialect == Dialect.SELECTOR;
        if (octal && digits.chars().anyMatch(digit -> digit > '7')) {
            throw mistake("a number that begins with 0 is octal: its digits must be 0 to 7");
        }
        return whole(digits, octal ? OCTAL : DECIMAL);
    }

    private Token approximate(double value) {
        if (Double.isInfinite(value)) {
            throw mistake("the number " + FilterSyntaxException.quoted(text.substring(start, at)) + " is too large");
        }
        return new Token(Kind.APPROXIMATE, start, text.substring(start, at), null, value);
    }

    private Token whole(String digits, int radix) {
        String shown = text.substring(start, at);
        if (dialect == Dialect.SELECTOR && peek('l', 'L')) {
            at++;
        }
        var value = new BigInteger(digits, radix);
        if (value.bitLength() > BITS) {
            throw mistake("the number " + FilterSyntaxException.quoted(shown) + " must be less than 2^64");
        }
        return new Token(Kind.EXACT, start, shown, value, 0);
    }

    /** One digit at least. */
    private String digits(int radix) {
        int from = at;
        skip(radix);
        if (at == from) {
            throw mistake("a digit is missing in the number "
                    + FilterSyntaxException.quoted(text.substring(start, Math.min(at + 1, text.length()))));
        }
        return text.substring(from, at);
    }

    private void skip(int radix) {
        while (at < text.length() && text.charAt(at) < 128 && Character.digit(text.charAt(at), radix) >= 0) {
            at++;
        }
    }

    private boolean peek(char one, char other) {
        return at < text.length() && (text.charAt(at) == one || text.charAt(at) == other);
    }

    private FilterSyntaxException mistake(String what) {
        return FilterSyntaxException.at(text, start, what);
    }
}
