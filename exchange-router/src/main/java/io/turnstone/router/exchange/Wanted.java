package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a binding to a headers exchange wants, read from its arguments. Immutable.
 *
 * @param any whether one of the headers suffices
 * @param headers the wanted values in their {@linkplain HeaderValue comparable} form
 */
record Wanted(boolean any, Map<String, Object> headers) {

    private static final String MATCH = "x-match";

    /**
     * Reads a binding.
     *
     * @throws IllegalArgumentException when {@code x-match} is none of the known words
     */
    static Wanted of(Binding binding) {
        Object match = binding.arguments().getOrDefault(MATCH, "all");
        if (!match.equals("all")
                && !match.equals("any")
                && !match.equals("all-with-x")
                && !match.equals("any-with-x")) {
            throw new IllegalArgumentException("binding of exchange '" + binding.exchange() + "' to '"
                    + binding.destination() + "': x-match '" + match
                    + "' must be all, any, all-with-x or any-with-x");
        }
        boolean withX = isWithX(binding);
        var headers = new TreeMap<String, Object>();
        binding.arguments().forEach((name, value) -> {
            if (counts(name, withX)) {
                headers.put(name, HeaderValue.comparable(value));
            }
        });
        return new Wanted(isAny(binding), Collections.unmodifiableMap(headers));
    }

    static boolean isAny(Binding binding) {
        return binding.arguments().get(MATCH) instanceof String match && match.startsWith("any");
    }

    static boolean isWithX(Binding binding) {
        return binding.arguments().get(MATCH) instanceof String match && match.endsWith("-with-x");
    }

    /** Whether an argument is a wanted header. */
    static boolean counts(String name, boolean withX) {
        return withX ? !name.equals(MATCH) : !name.startsWith("x-");
    }

    /** The header that a binding which wants all of them is found by; null when it wants none. */
    @Nullable
    String indexed() {
        return headers.isEmpty() ? null : headers.keySet().iterator().next();
    }

    Object value(String name) {
        var value = headers.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no header '" + name + "'");
        }
        return value;
    }
}
