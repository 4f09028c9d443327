package io.turnstone.router.topology;

/**
 * Something about one declared element: what is wrong with it, or why it was left as it is. Immutable.
 *
 * @param kind what the element is
 * @param name its name; for a binding its exchange, for a policy its pattern
 * @param index its place in the list of its kind, from 0; -1 for what is not declared any more
 * @param key the key in question, as in the configuration file, such as {@code alternate}; empty for the element itself
 * @param message what, which, and what to do
 */
public record TopologyProblem(Kind kind, String name, int index, String key, String message) {

    /** The kinds of elements. */
    public enum Kind {
        QUEUE,
        EXCHANGE,
        BINDING,
        POLICY
    }
}
