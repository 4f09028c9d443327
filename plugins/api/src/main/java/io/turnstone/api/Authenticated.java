package io.turnstone.api;

import org.jspecify.annotations.Nullable;

/** Told the result of a check of credentials. */
@FunctionalInterface
public interface Authenticated {
    /** Called once; {@code identity} is null when the credentials were not accepted. */
    void authenticated(@Nullable Identity identity);
}
