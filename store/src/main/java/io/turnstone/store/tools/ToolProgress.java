package io.turnstone.store.tools;

/** Told how far a tool is. Called on the thread that runs the tool; may throw to end it. */
@FunctionalInterface
public interface ToolProgress {

    /**
     * So much is done.
     *
     * @param what the present part of the work, in a word or two
     * @param done of {@code total}, in the unit of the part
     */
    void at(String what, long done, long total);
}
