package io.turnstone.amqp.management;

import java.util.concurrent.CompletionStage;

/** Takes what says who a peer is, after it has connected. Called on the loop of its connection. */
@FunctionalInterface
public interface TokenTaker {

    /**
     * Checks a token. The first one of a peer that came without a name makes it the bearer, if it has attached no other
     * links yet; a newer one of the same bearer lets the connection live as long as it says.
     *
     * @return completes on that loop; exceptionally with {@link io.turnstone.api.RefusedException} when the token is not
     *     good, which changes nothing, or could not be checked
     * @throws io.turnstone.api.RefusedException when tokens are of no use to this connection
     */
    CompletionStage<Void> put(String token);
}
