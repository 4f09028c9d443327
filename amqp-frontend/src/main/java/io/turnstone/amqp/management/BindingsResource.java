package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.api.Binding;
import io.turnstone.api.Topology;
import io.turnstone.api.Topology.Owner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** {@code /bindings}: make and look up. Any thread. */
final class BindingsResource implements Resource {

    /** So many are told in one answer. */
    private static final int MOST = 10_000;

    private final Topology topology;

    BindingsResource(Topology topology) {
        this.topology = topology;
    }

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        return switch (request.method()) {
            case "POST" -> topology.bind(binding(request), Owner.CLIENT).thenApply(declared -> Answer.NO_CONTENT);
            case "GET" -> {
                Resource.noBody(request);
                yield CompletableFuture.completedFuture(Answer.ok(found(path)));
            }
            default -> throw Resource.noMethod(request, "GET or POST");
        };
    }

    private static Binding binding(Request request) {
        var fields = new Fields("a binding", request.body());
        String source = needed("source", fields.text("source"));
        String queue = fields.text("destination_queue");
        String exchange = fields.text("destination_exchange");
        String key = fields.text("binding_key");
        Map<String, Object> arguments = fields.argumentsWithValues();
        fields.end();
        if ((queue == null) == (exchange == null)) {
            throw RequestRefusal.bad("a binding needs one of destination_queue and destination_exchange");
        }
        refuseBytes(arguments);
        return new Binding(
                ResourceNames.exchange(source),
                exchange == null
                        ? ResourceNames.checked("queue", String.valueOf(queue))
                        : ResourceNames.exchange(exchange),
                exchange != null,
                key == null ? "" : key,
                arguments);
    }

    /** A binding is known by its arguments, and bytes are not equal to each other. */
    private static void refuseBytes(Map<String, Object> arguments) {
        arguments.forEach((key, value) -> {
            if (value instanceof byte[]) {
                throw RequestRefusal.bad("a binding: argument '" + key + "' must not be binary; write a string");
            }
        });
    }

    private static String needed(String what, @Nullable String text) {
        if (text == null) {
            throw RequestRefusal.bad("a binding needs '" + what + "'");
        }
        return text;
    }

    private List<Map<String, Object>> found(RequestPath path) {
        String source = path.query().get("src");
        String queue = path.query().get("dstq");
        String exchange = path.query().get("dste");
        if (source == null || (queue == null) == (exchange == null)) {
            throw RequestRefusal.bad("missing 'src', or one of 'dste' and 'dstq', in query;"
                    + " ask for /bindings?src=EXCHANGE&dstq=QUEUE&key=KEY");
        }
        String destination = exchange == null ? queue : exchange;
        String key = path.query().get("key");
        var found = new ArrayList<Map<String, Object>>();
        for (Binding binding : topology.bindings(source)) {
            if (binding.toExchange() == (exchange != null)
                    && binding.destination().equals(destination)
                    && (key == null || binding.key().equals(key))) {
                found.add(description(binding));
            }
        }
        if (found.size() > MOST) {
            throw RequestRefusal.bad(found.size() + " bindings are more than one answer tells; ask for one 'key'");
        }
        return found;
    }

    private static Map<String, Object> description(Binding binding) {
        var description = new LinkedHashMap<String, Object>();
        description.put("source", binding.exchange());
        description.put(binding.toExchange() ? "destination_exchange" : "destination_queue", binding.destination());
        description.put("binding_key", binding.key());
        description.put("arguments", JdkValues.toAmqp(binding.arguments()));
        description.put("location", BindingLocation.of(binding).path());
        return description;
    }
}
