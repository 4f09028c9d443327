package io.turnstone.amqp.management;

import java.util.concurrent.CompletionStage;

/** {@code /auth/tokens}: a fresh token for the connection, which nothing here can check. Any thread. */
final class TokenResource implements Resource {

    private static final int NOT_IMPLEMENTED = 501;

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        if (!request.method().equals("PUT")) {
            throw Resource.noMethod(request, "PUT");
        }
        throw new RequestRefusal(
                NOT_IMPLEMENTED,
                "no authenticator of this broker takes tokens; log in with user and password, which need no renewal");
    }
}
