package io.turnstone.broker.config;

import org.jspecify.annotations.Nullable;

/**
 * Something that is on, with settings of its own or the defaults, or off. Immutable.
 *
 * @param settings null for the defaults, and when it is off
 */
record Switchable<T>(boolean on, @Nullable T settings) {

    /** Its settings, or null when it is off. */
    @Nullable
    T or(T defaults) {
        return !on ? null : settings == null ? defaults : settings;
    }
}
