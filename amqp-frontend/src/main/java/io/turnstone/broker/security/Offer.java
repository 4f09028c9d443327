package io.turnstone.broker.security;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one peer may choose from to log in, and who may come. Immutable.
 *
 * @param mechanisms what is announced, the strongest first; at least one
 * @param unavailable those of them that nobody can use
 * @param certified the names in the certificate that it proved; empty when it showed none
 * @param tokens which tokens are taken; empty for none
 * @param roles the roles that are declared
 * @param users who has a password or certificate
 */
public record Offer(
        List<Mechanism> mechanisms,
        Set<Mechanism> unavailable,
        List<String> certified,
        Optional<Tokens> tokens,
        Set<String> roles,
        Users users) {
    public Offer {
        mechanisms = mechanisms.stream().sorted().toList();
        unavailable = Set.copyOf(unavailable);
        certified = List.copyOf(certified);
    }

    boolean works(Mechanism mechanism) {
        return !unavailable.contains(mechanism);
    }
}
