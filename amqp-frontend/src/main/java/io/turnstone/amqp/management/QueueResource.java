package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Topology;
import io.turnstone.api.Topology.Declared;
import io.turnstone.api.Topology.DeleteMode;
import io.turnstone.api.Topology.Owner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;

/** {@code /queues/NAME}: look at, declare and delete. Any thread. */
final class QueueResource implements Resource {

    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final String TYPE = "x-queue-type";

    private final Topology topology;
    private final String node;

    QueueResource(Topology topology, String node) {
        this.topology = topology;
        this.node = node;
    }

    @Override
    public CompletionStage<Answer> answer(Request request, RequestPath path) {
        String name = path.name(1);
        return switch (request.method()) {
            case "GET" -> {
                Resource.noBody(request);
                yield described(OK, name);
            }
            case "PUT" -> {
                QueueSpec spec = spec(name, request);
                yield topology.declareQueue(spec, Owner.CLIENT)
                        .thenCompose(declared -> described(declared == Declared.CREATED ? CREATED : OK, name));
            }
            case "DELETE" -> {
                Resource.noBody(request);
                yield topology.deleteQueue(ResourceNames.checked("queue", name), DeleteMode.ALWAYS)
                        .thenApply(Answer::messageCount);
            }
            default -> throw Resource.noMethod(request, "GET, PUT or DELETE");
        };
    }

    private static QueueSpec spec(String name, Request request) {
        ResourceNames.checked("declare queue", name);
        var fields = new Fields("queue '" + name + "'", request.body());
        QueueSpec.Builder spec = QueueSpec.named(name)
                .durable(fields.bool("durable", true))
                .exclusive(fields.bool("exclusive", false))
                .autoDelete(fields.bool("auto_delete", false));
        QueueArguments.apply(name, fields.arguments(), spec);
        fields.end();
        return spec.build();
    }

    private CompletionStage<Answer> described(int code, String name) {
        return topology.status(name)
                .thenApply(status -> topology.queue(name)
                        .map(spec -> new Answer(code, description(spec, status)))
                        .orElseThrow(() -> new RequestRefusal(
                                RequestRefusal.NOT_FOUND, ManagementNode.inVhost("no queue '" + name + "'"))));
    }

    private Map<String, Object> description(QueueSpec spec, QueueStatus status) {
        Object type = spec.arguments().get(TYPE);
        var description = new LinkedHashMap<String, Object>();
        description.put("name", spec.name());
        description.put("vhost", ManagementNode.VHOST);
        description.put("durable", spec.durable());
        description.put("auto_delete", spec.autoDelete());
        description.put("exclusive", spec.exclusive());
        description.put("type", type instanceof String declared ? declared : "classic");
        description.put("arguments", JdkValues.toAmqp(spec.arguments()));
        description.put("leader", node);
        description.put("replicas", new String[] {node});
        description.put("message_count", UnsignedLong.valueOf(status.ready()));
        description.put("consumer_count", UnsignedInteger.valueOf(status.consumers()));
        return description;
    }
}
