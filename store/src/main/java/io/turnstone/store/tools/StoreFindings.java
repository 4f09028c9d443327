package io.turnstone.store.tools;

import java.util.List;

/**
 * What was found when every byte of a store was read. Immutable.
 *
 * @param queues by name
 * @param records in MapDB that are whole
 * @param unreferenced of these, how many nothing refers to: space that is lost, no message
 * @param damage each place with file and offset, and what it costs where that is known
 */
public record StoreFindings(List<QueueFigures> queues, long records, long unreferenced, List<String> damage) {

    /** Whether nothing is damaged. */
    public boolean whole() {
        return damage.isEmpty();
    }
}
