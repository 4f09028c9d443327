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
    private final String padding;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();

    Ledger(String name) {
        this(name, 0);
    }

    /** @param padding how many characters longer bodies are than they need to be */
    Ledger(String name, int padding) {
        this.name = name;
        this.padding = padding == 0 ? "" : " " + "x".repeat(padding - 1);
    }

    /** The body of the next message. */
    String nextBody() {
        return name + "-" + next.getAndIncrement() + padding;
    }

    /** What is remembered of a body; fails when it is none that was sent. */
    private String known(String body) {
        String id = body.substring(0, body.length() - Math.min(body.length(), padding.length()));
        assertThat(id).as("of the messages of %s", name).startsWith(name + "-");
        int number = Integer.parseInt(id.substring(name.length() + 1));
        assertThat(body).as("a body of %s", name).isEqualTo(id + padding);
        assertThat(number).as("a body that %s sent", name).isLessThan(next.get());
        return id;
    }

    /** The broker accepted it: it must survive. */
    void accepted(String body) {
        accepted.add(known(body));
    }

    /** A consumer accepted it; whether the broker knows is not known. */
    void taken(String body) {
        taken.add(known(body));
    }

    /** The broker confirmed that the consumer accepted it: it must not come back. */
    void confirmed(String body) {
        assertThat(confirmed.add(known(body)))
                .as("%s was taken for the first time", body)
                .isTrue();
    }

    /** Whether it must not come back any more. */
    boolean isConfirmed(String body) {
        return confirmed.contains(known(body));
    }

    int accepted() {
        return accepted.size();
    }

    int confirmed() {
        return confirmed.size();
    }

    /** Compares with everything that is left in the queues. */
    void check(List<String> bodies) {
        var left = bodies.stream().map(this::known).toList();
        var once = new HashSet<String>();
        assertThat(left).as("%s: none twice", name).allMatch(once::add);
        assertThat(left).as("%s: what was confirmed stays away", name).noneMatch(confirmed::contains);
        var lost = new HashSet<>(accepted);
        lost.removeAll(once);
        lost.removeAll(taken);
        assertThat(lost).as("%s: accepted and lost", name).isEmpty();
    }
}
