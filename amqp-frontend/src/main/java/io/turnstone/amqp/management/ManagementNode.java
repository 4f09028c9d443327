package io.turnstone.amqp.management;

import io.turnstone.amqp.error.SessionError;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology;
import io.turnstone.api.store.StoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/**
 * The node {@code /management} as one peer meets it: finds what a request is about, has it done, and turns refusals into
 * the codes of HTTP. Owned by the loop of its connection.
 */
final class ManagementNode implements RequestNode {

    /** The one there is. */
    static final String VHOST = "/";

    private static final Logger LOG = LogManager.getLogger(ManagementNode.class);

    private static final String REPLY_TO = "$me";

    private final Resource queue;
    private final Resource messages;
    private final Resource exchange;
    private final Resource bindings;
    private final Resource binding;
    private final Resource tokens;

    /**
     * A node for one peer.
     *
     * @param topology with the peer's permissions
     * @param node the broker's name
     * @param renewal takes its tokens
     */
    ManagementNode(Topology topology, String node, Renewal renewal) {
        queue = new QueueResource(topology, node);
        messages = new QueueMessagesResource(topology);
        exchange = new ExchangeResource(topology);
        bindings = new BindingsResource(topology);
        binding = new BindingResource(topology);
        tokens = new TokenResource(renewal);
    }

    @Override
    public Supplier<CompletionStage<Body.Inline>> read(Body.Inline message) {
        Request request = Request.read(message);
        return () -> answer(request).thenApply(answer -> answer.encode(request.id()));
    }

    /**
     * Does what a request asks for.
     *
     * @return completes on some loop; exceptionally with {@link SessionError} when the peer has no permission
     */
    private CompletionStage<Answer> answer(Request request) {
        try {
            if (!REPLY_TO.equals(request.replyTo())) {
                throw RequestRefusal.bad("reply-to must be '$me': answers go to the other half of the link pair");
            }
            RequestPath path = RequestPath.of(request.target());
            return resource(path).answer(request, path).handle((answer, failure) -> {
                return failure == null ? answer : refused(request, failure);
            });
        } catch (RuntimeException refusal) {
            try {
                return CompletableFuture.completedFuture(refused(request, refusal));
            } catch (SessionError denied) {
                return CompletableFuture.failedFuture(denied);
            }
        }
    }

    private Resource resource(RequestPath path) {
        if (path.is("queues", null)) {
            return queue;
        } else if (path.is("queues", null, "messages")) {
            return messages;
        } else if (path.is("exchanges", null)) {
            return exchange;
        } else if (path.is("bindings")) {
            return bindings;
        } else if (path.is("bindings", null)) {
            return binding;
        } else if (path.is("auth", "tokens")) {
            return tokens;
        }
        throw new RequestRefusal(
                RequestRefusal.NOT_FOUND,
                "there is no such path; known are /queues/NAME, /queues/NAME/messages, /exchanges/NAME, /bindings,"
                        + " /bindings/LOCATION and /auth/tokens");
    }

    private static Answer refused(Request request, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Answer answer;
        if (cause instanceof RequestRefusal refusal) {
            answer = Answer.of(refusal);
        } else if (cause instanceof RefusedException refused) {
            answer = answer(request, refused.refusal());
        } else if (cause instanceof IllegalArgumentException invalid) {
            answer = Answer.of(RequestRefusal.bad(String.valueOf(invalid.getMessage())));
        } else {
            LOG.error("management request={} {} failed", request.method(), printable(request.target()), cause);
            answer = new Answer(500, "the broker failed; see its log");
        }
        LOG.debug("management request={} {} code={}", request.method(), printable(request.target()), answer.code());
        return answer;
    }

    private static Answer answer(Request request, Refusal refusal) {
        int code = switch (refusal.condition()) {
            case UNAUTHORIZED -> throw new SessionError(AmqpError.UNAUTHORIZED_ACCESS, refusal.description());
            // To a binding its ends are a part of the body, which is bad then.
            case NOT_FOUND -> request.target().startsWith("/bindings") ? 400 : 404;
            case PRECONDITION_FAILED -> 409;
            case NOT_ALLOWED -> 403;
            case LIMIT_EXCEEDED ->
                StoreException.DISK_FULL.equals(refusal.info().get("reason")) ? 503 : 403;
            case RESOURCE_LOCKED, RESOURCE_DELETED, INVALID -> 400;
            case NOT_IMPLEMENTED -> 501;
            case UNAVAILABLE, TIMEOUT -> 503;
            case INTERNAL -> 500;
        };
        String text = refusal.description();
        return new Answer(code, refusal.condition() == Condition.NOT_FOUND ? inVhost(text) : text);
    }

    /** Existing clients look for the words. */
    static String inVhost(String text) {
        return text + " in vhost '" + VHOST + "'";
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
