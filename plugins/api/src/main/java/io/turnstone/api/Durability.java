package io.turnstone.api;

/** What has happened to a message when its publisher hears {@code accepted}, from the strongest promise to the weakest. */
public enum Durability {
    /** It is on the medium: a power cut loses nothing. */
    ALWAYS("always"),
    /** The operating system has it, and it will be on the medium in a moment: a power cut may lose the last moment. */
    INTERVAL("interval"),
    /** The operating system has it: a power cut may lose it, the end of the broker's process does not. */
    NEVER("never");

    private final String key;

    Durability(String key) {
        this.key = key;
    }

    /** The word in the configuration file. */
    public String key() {
        return key;
    }

    /** The stronger of two promises, which keeps both. */
    public Durability and(Durability other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
