package io.turnstone.router.topology;

import io.turnstone.api.Condition;
import io.turnstone.api.RefusedException;

/** Names that clients cannot use: the broker's own. */
public final class Reserved {

    /** What the broker's own names start with. */
    public static final String PREFIX = "amq.";

    private Reserved() {}

    /** Refuses a reserved name. */
    static void refuse(String what, String name) {
        if (name.startsWith(PREFIX)) {
            throw new RefusedException(
                    Condition.NOT_ALLOWED,
                    what + " '" + name + "': names starting with 'amq.' are reserved for the broker");
        }
    }
}
