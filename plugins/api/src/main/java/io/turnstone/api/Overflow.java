package io.turnstone.api;

/** What happens to messages beyond a queue's limit. */
public enum Overflow {
    /** The new message is refused. */
    REJECT("reject"),
    /** The oldest message of the lowest priority makes room. */
    DROP_HEAD("drop-head"),
    /** The new message goes to the dead-letter queue. */
    DEAD_LETTER("dead-letter"),
    /** Publishers get no credit until there is room. */
    BLOCK("block");

    private final String key;

    Overflow(String key) {
        this.key = key;
    }

    /** The word in the configuration file. */
    public String key() {
        return key;
    }
}
