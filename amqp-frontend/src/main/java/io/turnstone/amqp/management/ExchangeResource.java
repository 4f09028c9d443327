package io.turnstone.amqp.management;

import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Topology;
import io.turnstone.api.Topology.DeleteMode;
import io.turnstone.api.Topology.Owner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** {@code /exchanges/NAME}: declare and delete. Any thread. */
final class ExchangeResource implements Resource {

    private static final String ALTERNATE = "alternate-exchange";

    private final Topology topology;

    ExchangeResource(Topology topology) {
        this.topology = topology;
    }

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        String name = ResourceNames.exchange(path.name(1));
        return switch (request.method()) {
            case "PUT" ->
                topology.declareExchange(spec(name, request), Owner.CLIENT).thenApply(declared -> Answer.NO_CONTENT);
            case "DELETE" -> {
                Resource.noBody(request);
                yield topology.deleteExchange(name, DeleteMode.ALWAYS).thenApply(deleted -> Answer.NO_CONTENT);
            }
            default -> throw Resource.noMethod(request, "PUT or DELETE");
        };
    }

    private static ExchangeSpec spec(String name, Request request) {
        String what = "exchange '" + name + "'";
        var fields = new Fields(what, request.body());
        String type = fields.text("type");
        boolean durable = fields.bool("durable", true);
        boolean autoDelete = fields.bool("auto_delete", false);
        boolean internal = fields.bool("internal", false);
        Map<String, Object> arguments = new LinkedHashMap<>(fields.arguments());
        fields.end();
        Object alternate = arguments.remove(ALTERNATE);
        if (alternate != null && !(alternate instanceof String)) {
            throw RequestRefusal.bad(what + ": argument 'alternate-exchange' must be the name of an exchange");
        }
        return new ExchangeSpec(
                name, type == null ? "direct" : type, durable, autoDelete, internal, (String) alternate, arguments);
    }
}
