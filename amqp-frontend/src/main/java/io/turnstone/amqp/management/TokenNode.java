package io.turnstone.amqp.management;

import io.turnstone.api.Body;
import io.turnstone.api.RefusedException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The node {@code $cbs} as one peer meets it (OASIS, AMQP Claims-based Security 1.0, working draft 5, as Azure has it): puts
 * tokens. The audience of a token says what the client means to do with it; what it may do the token itself says. Owned by
 * the loop of its connection.
 */
record TokenNode(TokenTaker taker) implements RequestNode {

    private static final Logger LOG = LogManager.getLogger(TokenNode.class);
    private static final String PUT = "put-token";
    private static final Set<String> TYPES = Set.of("jwt", "amqp:jwt");

    @Override
    public Supplier<CompletionStage<Body.Inline>> read(Body.Inline message) {
        Request request = Request.read(message);
        return () -> answer(request).thenApply(answer -> answer.encode(request.id()));
    }

    private CompletionStage<TokenAnswer> answer(Request request) {
        try {
            return taker.put(token(request))
                    .handle((put, failure) -> failure == null ? TokenAnswer.ACCEPTED : refused(failure));
        } catch (RuntimeException refusal) {
            return CompletableFuture.completedFuture(refused(refusal));
        }
    }

    private static String token(Request request) {
        if (!PUT.equals(request.properties().get("operation"))) {
            throw RequestRefusal.bad("application property 'operation' must be put-token");
        }
        if (!(request.properties().get("type") instanceof String type) || !TYPES.contains(type)) {
            throw RequestRefusal.bad(
                    "application property 'type' must be jwt or amqp:jwt: tokens signed by an issuer of"
                            + " 'tokens' in the broker's configuration; shared access signatures are not taken");
        }
        if (!(request.properties().get("name") instanceof String audience) || audience.isEmpty()) {
            throw RequestRefusal.bad("application property 'name' must be the audience: what the token is for");
        }
        if (!(request.body() instanceof String token) || token.isEmpty()) {
            throw RequestRefusal.bad("the body must be the token, as a string in an amqp-value section");
        }
        return token;
    }

    private static TokenAnswer refused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RequestRefusal refusal) {
            return new TokenAnswer(refusal.code(), refusal.description());
        }
        if (cause instanceof RefusedException refused) {
            int code = switch (refused.refusal().condition()) {
                case UNAUTHORIZED -> 401;
                case UNAVAILABLE, TIMEOUT, LIMIT_EXCEEDED -> 503;
                default -> RequestRefusal.BAD_REQUEST;
            };
            return new TokenAnswer(code, refused.refusal().description());
        }
        LOG.error("a token could not be taken", cause);
        return new TokenAnswer(500, "the broker failed; see its log");
    }
}
