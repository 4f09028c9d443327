package io.turnstone.amqp.management;

import io.turnstone.api.Body;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What requests are sent to. Called on the loop of the connection. */
@FunctionalInterface
interface RequestNode {

    /**
     * Reads a request.
     *
     * @return does what it asks for, when its turn has come; that completes, on some loop, with the encoded answer,
     *     exceptionally with {@link io.turnstone.amqp.error.SessionError} when it ends the session
     * @throws io.turnstone.amqp.error.LinkError when it cannot be answered
     */
    Supplier<CompletionStage<Body.Inline>> read(Body.Inline message);
}
