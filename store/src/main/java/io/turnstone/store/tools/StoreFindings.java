package io.turnstone.store.tools;

import java.util.List;

/**
 * What was found when every byte of a store was read. Immutable.
 *
 * @param queues by name
 * @param records in MapDB that are whole
 * @param unreferenced of these, how many nothing refers to: space that is lost, no message
 * @param aside bodies in files that are kept because the record that named them may be lost; no part of the store
 * @param damage each place with file and offset, and what it costs where that is known
 */
public record StoreFindings(
        List<QueueFigures> queues, long records, long unreferenced, List<String> aside, List<String> damage) {

    /** Whether nothing is damaged. */
    public boolean whole() {
        return damage.isEmpty();
    }
}
