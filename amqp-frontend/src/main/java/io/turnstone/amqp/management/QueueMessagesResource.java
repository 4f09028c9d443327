package io.turnstone.amqp.management;

import io.turnstone.api.Topology;
import java.util.concurrent.CompletionStage;

/** {@code /queues/NAME/messages}: purge. Any thread. */
final class QueueMessagesResource implements Resource {

    private final Topology topology;

    QueueMessagesResource(Topology topology) {
        this.topology = topology;
    }

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        if (!request.method().equals("DELETE")) {
            throw Resource.noMethod(request, "DELETE");
        }
        Resource.noBody(request);
        return topology.purge(path.name(1)).thenApply(Answer::messageCount);
    }
}
