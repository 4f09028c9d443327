package io.turnstone.router.topology;

import java.util.HashMap;
import java.util.Map;

/** Lets definitions that are read one after another share what is equal in them. Used by one thread. */
final class SharedValues {

    private final Map<Object, Object> known = new HashMap<>();

    /** This value, or an equal one that came before. */
    @SuppressWarnings("unchecked") // equal values are of one class
    <T> T one(T value) {
        return (T) known.computeIfAbsent(value, first -> first);
    }
}
