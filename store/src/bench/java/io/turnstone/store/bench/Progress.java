package io.turnstone.store.bench;

import java.util.Locale;

/** Tells the one who waits what is going on, on standard error. */
final class Progress {

    private Progress() {}

    static void line(String format, Object... values) {
        System.err.println(String.format(Locale.ROOT, format, values));
    }
}
