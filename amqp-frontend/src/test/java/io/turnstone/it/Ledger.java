package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What clients know about the messages of one publisher, over crashes of the broker. Any thread. */
final class Ledger {

    private final String name;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();

    Ledger(String name) {
        this.name = name;
    }

    /** The body of the next message. */
    String nextBody() {
        return name + "-" + next.getAndIncrement();
    }

    /** The broker accepted it: it must survive. */
    void accepted(String body) {
        accepted.add(body);
    }

    /** A consumer accepted it; whether the broker knows is not known. */
    void taken(String body) {
        taken.add(body);
    }

    /** The broker confirmed that the consumer accepted it: it must not come back. */
    void confirmed(String body) {
        assertThat(confirmed.add(body))
                .as("%s was taken for the first time", body)
                .isTrue();
    }

    /** Whether it must not come back any more. */
    boolean isConfirmed(String body) {
        return confirmed.contains(body);
    }

    int accepted() {
        return accepted.size();
    }

    int confirmed() {
        return confirmed.size();
    }

    /** Compares with everything that is left in the queues. */
    void check(List<String> left) {
        var once = new HashSet<String>();
        assertThat(left).as("%s: none twice", name).allMatch(once::add);
        assertThat(left).as("%s: what was confirmed stays away", name).noneMatch(confirmed::contains);
        var lost = new HashSet<>(accepted);
        lost.removeAll(once);
        lost.removeAll(taken);
        assertThat(lost).as("%s: accepted and lost", name).isEmpty();
    }
}
