package io.turnstone.amqp.filter;

/** A mistake in the text of a filter; the message names its place and what was expected there. */
public final class FilterSyntaxException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Longer pieces of a peer's text are not repeated to it. */
    private static final int LONGEST_QUOTE = 40;

    FilterSyntaxException(String message) {
        super(message);
    }

    /** A mistake at a place of a text, counted from 0 here and from 1 in the message. */
    static FilterSyntaxException at(String text, int at, String what) {
        int line = 1;
        int lineAt = 0;
        for (int i = 0; i < at; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineAt = i + 1;
            }
        }
        int column = text.codePointCount(lineAt, at) + 1;
        return new FilterSyntaxException("line " + line + ", column " + column + ": " + what);
    }

    /** Text of a peer as it may be shown: one line, not endless. */
    static String quoted(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        int end = line.length() <= LONGEST_QUOTE ? line.length() : line.offsetByCodePoints(0, LONGEST_QUOTE - 1);
        return "'" + (end < line.length() ? line.substring(0, end) + "…" : line) + "'";
    }
}
