package io.turnstone.broker.config;

/**
 * One thing that is wrong in a configuration file. Immutable.
 *
 * @param file the file as the user named it
 * @param line from 1; 0 when the problem has no place in the file
 * @param column from 1
 * @param text what is wrong and what to do about it
 */
public record Problem(String file, int line, int column, String text) {

    /** {@code FILE:LINE:COLUMN: text}. */
    @Override
    public String toString() {
        return line == 0 ? file + ": " + text : file + ":" + line + ":" + column + ": " + text;
    }
}
