package io.turnstone.amqp.management;

import java.util.concurrent.CompletionStage;

/** Takes a newer proof of who the peer is. Called on the loop of its connection. */
@FunctionalInterface
public interface Renewal {

    /**
     * Checks a token, and lets the connection live as long as it says. One that is not good ends the connection, and
     * nothing is answered then.
     *
     * @return completes on that loop; exceptionally with {@link io.turnstone.api.RefusedException} when it could not be
     *     checked
     * @throws io.turnstone.api.RefusedException when tokens are of no use to this connection
     */
    CompletionStage<Void> renew(byte[] token);
}
