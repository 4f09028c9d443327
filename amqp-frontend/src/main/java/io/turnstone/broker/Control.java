package io.turnstone.broker;

import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology;
import io.turnstone.api.Topology.DeleteMode;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What can be asked of a running broker through its {@link ControlServer}. Any thread.
 *
 * @param report how it is
 * @param topology its queues
 */
record Control(Supplier<JsonObject> report, Topology topology) implements UnaryOperator<JsonObject> {

    /** The key of an answer that says why there is none. */
    static final String REFUSAL = "refusal";

    /** The key of an answer that says how many messages were concerned. */
    static final String MESSAGES = "messages";

    private static final String COMMAND = "command";
    private static final String QUEUE = "queue";
    private static final String STATUS = "status";
    private static final String PURGE = "purge";
    private static final String DELETE = "delete";

    static JsonObject status() {
        return new JsonObject().put(COMMAND, STATUS);
    }

    static JsonObject purge(String queue) {
        return new JsonObject().put(COMMAND, PURGE).put(QUEUE, queue);
    }

    static JsonObject delete(String queue) {
        return new JsonObject().put(COMMAND, DELETE).put(QUEUE, queue);
    }

    @Override
    public JsonObject apply(JsonObject request) {
        String queue = request.getString(QUEUE, "");
        return switch (request.getString(COMMAND, "")) {
            case STATUS -> report.get();
            case PURGE -> counted(queue, topology.purge(queue));
            case DELETE ->
                topology.queue(queue).isEmpty()
                        ? refusal("no queue '" + queue + "'")
                        : counted(queue, topology.deleteQueue(queue, DeleteMode.IF_EMPTY_AND_UNUSED));
            default ->
                refusal("the broker is of another version and does not know this command; use its own turnstone");
        };
    }

    private static JsonObject counted(String queue, CompletionStage<Long> messages) {
        try {
            return new JsonObject().put(MESSAGES, Broker.await(messages, "queue '" + queue + "'"));
        } catch (BrokerException e) {
            Throwable told = e.getCause() instanceof RefusedException refused ? refused : e;
            return refusal(String.valueOf(told.getMessage()));
        }
    }

    private static JsonObject refusal(String why) {
        return new JsonObject().put(REFUSAL, why);
    }
}
