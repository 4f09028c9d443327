package io.turnstone.amqp.filter;

import java.util.Locale;

/** What differs between the two languages before and while they are parsed. The grammars are in docs/filters.md. */
enum Dialect {

    /** The message selectors of JMS 2.0. */
    SELECTOR(32 * 1024, 4096, " NOT AND OR BETWEEN LIKE ESCAPE IN IS NULL TRUE FALSE "),

    /** The SQL of AMQP filter expressions. */
    SQL(4096, 200, " NOT AND OR LIKE ESCAPE IN IS NULL TRUE FALSE UTC EXISTS LOWER UPPER LEFT RIGHT SUBSTRING DATE ");

    /** How deep parentheses, NOT and signs may be nested. */
    static final int MAX_DEPTH = 64;

    /** Longest text, in characters. */
    final int maxLength;

    /** Most words, literals and signs. */
    final int maxTokens;

    private final String keywords;

    Dialect(int maxLength, int maxTokens, String keywords) {
        this.maxLength = maxLength;
        this.maxTokens = maxTokens;
        this.keywords = keywords;
    }

    /** Whether a word, in any case, is not a name. */
    boolean reserves(String word) {
        return keywords.contains(" " + word.toUpperCase(Locale.ROOT) + " ");
    }
}
