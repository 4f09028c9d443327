package io.turnstone.broker.config;

import io.turnstone.broker.security.Mechanism;
import io.turnstone.broker.security.User;
import java.util.List;
import java.util.Optional;

/**
 * Who may come, and how they show who they are. Immutable.
 *
 * @param anonymous from where clients may come without credentials
 * @param users who may come; empty for guest with password guest on this machine
 * @param sasl the mechanisms of listeners that name none; empty for all that somebody can use
 */
public record Admission(Anonymous anonymous, Optional<List<User>> users, List<Mechanism> sasl) {
    public Admission {
        users = users.map(List::copyOf);
        sasl = List.copyOf(sasl);
    }
}
