package io.turnstone.load.compare;

import java.util.List;
import java.util.Map;

/**
 * What stands above the figures. Immutable.
 *
 * @param versions by name of the contender
 * @param peers the contenders to which ratios are taken
 */
record Heading(
        String title, String date, String machine, String settings, Map<String, String> versions, List<String> peers) {

    /** The contenders in the order of the table. */
    List<String> contenders() {
        return List.copyOf(versions.keySet());
    }
}
