package io.turnstone.it.client;

import java.util.Map;

/**
 * How a publish ended.
 *
 * @param outcome {@code accepted}, {@code rejected}, {@code released}, {@code modified}, {@code settled} for a
 *     pre-settled message, or {@code refused} when the link was not opened
 * @param condition the error condition, or empty
 * @param description the error's description, or whatever the client says in its place
 * @param info the error's info, empty for clients that do not show it
 */
public record Published(String outcome, String condition, String description, Map<String, Object> info) {

    /** An outcome without an error. */
    public static Published of(String outcome) {
        return new Published(outcome, "", "", Map.of());
    }

    /** Whether the client knows of this error condition, in whatever field it shows it. */
    public boolean names(String errorCondition) {
        return condition.equals(errorCondition) || description.contains(errorCondition);
    }
}
