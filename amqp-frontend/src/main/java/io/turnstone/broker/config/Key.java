package io.turnstone.broker.config;

import org.jspecify.annotations.Nullable;

/**
 * One key of a mapping in the file. Immutable; compared by identity.
 *
 * @param <T> what its value becomes
 */
final class Key<T> {

    private final String name;
    private final Type<T> type;
    private final @Nullable T absent;
    private final boolean required;
    private final String description;

    private Key(String name, Type<T> type, @Nullable T absent, boolean required, String description) {
        this.name = name;
        this.type = type;
        this.absent = absent;
        this.required = required;
        this.description = description;
    }

    /** A key that may be left out. */
    static <T> Key<T> optional(String name, Type<T> type, T absent, String description) {
        return new Key<>(name, type, absent, false, description);
    }

    /** A key that may be left out and has no default: ask {@link Values#given} first. */
    static <T> Key<T> possible(String name, Type<T> type, String description) {
        return new Key<>(name, type, null, false, description);
    }

    /** A key that must be there. */
    static <T> Key<T> required(String name, Type<T> type, String description) {
        return new Key<>(name, type, null, true, description);
    }

    String name() {
        return name;
    }

    Type<T> type() {
        return type;
    }

    boolean required() {
        return required;
    }

    String description() {
        return description;
    }

    T absent() {
        if (absent == null) {
            throw new IllegalStateException("key '" + name + "' has no default");
        }
        return absent;
    }
}
