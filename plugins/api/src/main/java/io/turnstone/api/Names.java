package io.turnstone.api;

/** The rule for names of queues and exchanges. */
final class Names {

    private static final int MAX_LENGTH = 255;

    private Names() {}

    static void check(String what, String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    what + " name '" + name + "' must have 1 to " + MAX_LENGTH + " characters");
        }
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < ' ') {
                throw new IllegalArgumentException(
                        what + " name '" + name.replaceAll("\\p{Cntrl}", "?") + "' must not have control characters");
            }
        }
    }
}
