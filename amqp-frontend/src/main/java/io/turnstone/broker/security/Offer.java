package io.turnstone.broker.security;

import java.util.List;
import java.util.Set;

/**
 * What one peer may choose from to log in, and who may come. Immutable.
 *
 * @param mechanisms what is announced, the strongest first; at least one
 * @param unavailable those of them that nobody can use
 * @param users who has a password or certificate
 */
public record Offer(List<Mechanism> mechanisms, Set<Mechanism> unavailable, Users users) {
    public Offer {
        mechanisms = mechanisms.stream().sorted().toList();
        unavailable = Set.copyOf(unavailable);
    }

    boolean works(Mechanism mechanism) {
        return !unavailable.contains(mechanism);
    }
}
