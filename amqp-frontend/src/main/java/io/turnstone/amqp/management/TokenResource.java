package io.turnstone.amqp.management;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.amqp.Binary;

/** {@code /auth/tokens}: a fresh token for the connection. Owned by its loop. */
record TokenResource(Renewal renewal) implements Resource {

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        if (!request.method().equals("PUT")) {
            throw Resource.noMethod(request, "PUT");
        }
        if (!(request.body() instanceof Binary body)) {
            throw RequestRefusal.bad("the body must be the token, as binary");
        }
        ByteBuffer bytes = body.asByteBuffer();
        var token = new byte[bytes.remaining()];
        bytes.get(token);
        return renewal.renew(token).thenApply(done -> Answer.NO_CONTENT);
    }
}
