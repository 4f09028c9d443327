package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.JdkValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/** The map in the body of a request, read key by key; what is left at the end is a mistake. Used by one thread, once. */
final class Fields {

    private static final String ARGUMENTS = "arguments";

    private final String what;
    private final Map<String, Object> left = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();

    /**
     * The fields of a body.
     *
     * @param what the thing they describe, for messages
     * @throws RequestRefusal when it is not a map with texts as keys
     */
    Fields(String what, @Nullable Object body) {
        this.what = what;
        if (body == null) {
            return;
        }
        if (!(body instanceof Map<?, ?> map)) {
            throw RequestRefusal.bad("the body of a request about " + what + " must be a map");
        }
        map.forEach((key, value) -> {
            if (value != null) {
                left.put(key(key), value);
            }
        });
    }

    private String key(@Nullable Object key) {
        if (key instanceof String || key instanceof Symbol) {
            return key.toString();
        }
        throw RequestRefusal.bad("key " + key + " of " + what + " must be a string");
    }

    boolean bool(String key, boolean otherwise) {
        Object value = take(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean bool) {
            return bool;
        }
        throw RequestRefusal.bad(what + ": '" + key + "' must be true or false");
    }

    @Nullable
    String text(String key) {
        Object value = take(key);
        if (value == null || value instanceof String || value instanceof Symbol) {
            return value == null ? null : value.toString();
        }
        throw RequestRefusal.bad(what + ": '" + key + "' must be a string");
    }

    /** The arguments in JDK types; empty when there are none. */
    Map<String, Object> arguments() {
        Object value = take(ARGUMENTS);
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw RequestRefusal.bad(what + ": 'arguments' must be a map");
        }
        var arguments = new LinkedHashMap<String, Object>();
        map.forEach((key, argument) -> {
            Object jdk = JdkValues.of(argument);
            if (jdk == null && argument != null) {
                throw RequestRefusal.bad(what + ": argument '" + key + "' is of a type that cannot be kept;"
                        + " write a number, a string, a boolean, a list or a map");
            }
            if (jdk != null) {
                arguments.put(key(key), jdk);
            }
        });
        return arguments;
    }

    /** The same where each must have a value: a binding without that argument would be another one, and match more. */
    Map<String, Object> argumentsWithValues() {
        if (left.get(ARGUMENTS) instanceof Map<?, ?> map) {
            map.forEach((key, argument) -> {
                if (argument == null) {
                    throw RequestRefusal.bad(what + ": argument '" + key + "' has no value (null);"
                            + " that a property is there cannot be asked for, so name the value it must have");
                }
            });
        }
        return arguments();
    }

    private @Nullable Object take(String key) {
        known.add(key);
        return left.remove(key);
    }

    /** Refuses what nobody asked for. */
    void end() {
        if (!left.isEmpty()) {
            String unknown = left.keySet().iterator().next();
            throw RequestRefusal.bad(what + ": bad property '" + unknown + "'; known are " + String.join(", ", known));
        }
    }
}
