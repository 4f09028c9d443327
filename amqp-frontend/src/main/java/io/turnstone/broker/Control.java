package io.turnstone.broker;

import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology;
import io.turnstone.api.Topology.DeleteMode;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What can be asked of a running broker through its {@link ControlServer}. Any thread.
 *
 * @param report how it is
 * @param topology its queues
 * @param store what keeps its messages
 */
record Control(Supplier<JsonObject> report, Topology topology, StoreControl store) {

    /** The key of an answer that says why there is none. */
    static final String REFUSAL = "refusal";

    /** The key of an answer that says how many messages were concerned. */
    static final String MESSAGES = "messages";

    private static final String COMMAND = "command";
    private static final String QUEUE = "queue";
    private static final String STATUS = "status";
    private static final String PURGE = "purge";
    private static final String DELETE = "delete";
    private static final String STORE = "store";

    /** Why a request is not understood. */
    static final String OTHER_VERSION =
            "the broker is of another version and does not know this command; use its own turnstone";

    static JsonObject status() {
        return new JsonObject().put(COMMAND, STATUS);
    }

    static JsonObject purge(String queue) {
        return new JsonObject().put(COMMAND, PURGE).put(QUEUE, queue);
    }

    static JsonObject delete(String queue) {
        return new JsonObject().put(COMMAND, DELETE).put(QUEUE, queue);
    }

    static JsonObject store(StoreWork work, Path target) {
        return StoreControl.request(work, target).put(COMMAND, STORE);
    }

    /** Whether an answer takes its time. */
    static boolean lengthy(JsonObject request) {
        return STORE.equals(request.getString(COMMAND));
    }

    /** Does what is asked; a lengthy answer is preceded by others that tell of progress. */
    JsonObject answer(JsonObject request, Consumer<JsonObject> progress) {
        String queue = request.getString(QUEUE, "");
        return switch (request.getString(COMMAND, "")) {
            case STATUS -> report.get();
            case PURGE -> counted(queue, topology.purge(queue));
            case DELETE ->
                topology.queue(queue).isEmpty()
                        ? refusal("no queue '" + queue + "'")
                        : counted(queue, topology.deleteQueue(queue, DeleteMode.IF_EMPTY_AND_UNUSED));
            case STORE -> store.answer(request, progress);
            default -> refusal(OTHER_VERSION);
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

    static JsonObject refusal(String why) {
        return new JsonObject().put(REFUSAL, why);
    }
}
