package io.turnstone.broker.config;

import io.turnstone.broker.security.Mechanism;
import io.turnstone.broker.security.Permission;
import io.turnstone.broker.security.TokenTerms;
import io.turnstone.broker.security.User;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may come, and how they show who they are. Immutable.
 *
 * @param anonymous from where clients may come without credentials
 * @param users who may come; empty for guest with password guest on this machine
 * @param roles what those may do who prove to have a role
 * @param tokens which tokens are taken; empty for none
 * @param sasl the mechanisms of listeners that name none; empty for all that somebody can use
 */
public record Admission(
        Anonymous anonymous,
        Optional<List<User>> users,
        Map<String, List<Permission>> roles,
        Optional<TokenTerms> tokens,
        List<Mechanism> sasl) {
    public Admission {
        users = users.map(List::copyOf);
        roles = Map.copyOf(roles);
        sasl = List.copyOf(sasl);
    }
}
