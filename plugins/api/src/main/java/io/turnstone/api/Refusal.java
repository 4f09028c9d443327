package io.turnstone.api;

import java.util.Map;

/**
 * Why the broker refuses something: the kind, a sentence that names the place and the remedy, and facts for programs.
 *
 * @param condition the kind
 * @param description what, which, and what to do
 * @param info facts for programs, such as {@code queue} and {@code reason}; values are JDK types
 */
public record Refusal(Condition condition, String description, Map<String, Object> info) {
    public Refusal {
        info = Map.copyOf(info);
    }

    /** A refusal without facts for programs. */
    public Refusal(Condition condition, String description) {
        this(condition, description, Map.of());
    }
}
