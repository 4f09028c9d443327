package io.turnstone.broker.config;

/** From where clients may come without credentials. */
public enum Anonymous {
    /** From this machine. */
    LOOPBACK,
    /** From nowhere. */
    NEVER,
    /** From everywhere. */
    ANYWHERE
}
