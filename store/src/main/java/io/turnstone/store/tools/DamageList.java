package io.turnstone.store.tools;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What was found damaged, each place once. Owned by one thread. */
final class DamageList {

    private static final int MAX = 10_000;

    private final Set<String> places = new LinkedHashSet<>();
    private long more;

    void add(String place) {
        if (places.size() < MAX) {
            places.add(place);
        } else if (!places.contains(place)) {
            more++;
        }
    }

    List<String> places() {
        var all = new java.util.ArrayList<>(places);
        if (more > 0) {
            all.add("and " + more + " more places");
        }
        return List.copyOf(all);
    }
}
