package io.turnstone.amqp.management;

import io.turnstone.api.Binding;
import io.turnstone.api.Topology;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /bindings/LOCATION}: remove one. Any thread. */
final class BindingResource implements Resource {

    private final Topology topology;

    BindingResource(Topology topology) {
        this.topology = topology;
    }

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        if (!request.method().equals("DELETE")) {
            throw Resource.noMethod(request, "DELETE");
        }
        Resource.noBody(request);
        BindingLocation wanted = BindingLocation.parse(path.segments().get(1));
        ResourceNames.exchange(wanted.source());
        if (wanted.toExchange()) {
            ResourceNames.exchange(wanted.destination());
        }
        for (Binding binding : topology.bindings(wanted.source())) {
            // The hash costs more than the rest together.
            if (binding.key().equals(wanted.key())
                    && binding.destination().equals(wanted.destination())
                    && BindingLocation.of(binding).equals(wanted)) {
                return topology.unbind(binding).thenApply(unbound -> Answer.NO_CONTENT);
            }
        }
        return CompletableFuture.completedFuture(Answer.NO_CONTENT);
    }
}
