package io.turnstone.load.compare;

import io.turnstone.load.BrokerUrl;
import io.turnstone.load.Client;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.message.Message;

/** Declares by Turnstone's management (that of RabbitMQ's AMQP 1.0 clients). Owned by one thread. */
final class Bindings implements AutoCloseable {

    private static final int TIMEOUT_MS = 30_000;

    /** Requests that wait for their answer; the broker takes eight. */
    private static final int WINDOW = 4;

    private static final int CREDIT = 100;
    private static final int MAX_BYTES = 4096;

    private final Client client;
    private final int requests;
    private int waiting;

    Bindings(BrokerUrl url) throws IOException {
        client = Client.connect(url, "turnstone-compare-bindings", TIMEOUT_MS);
        requests = client.pair("/management", CREDIT);
    }

    /** A topic exchange and a queue. Neither is durable: a binding of theirs waits for no disk. */
    void declare(String exchange, String queue) throws IOException {
        request("PUT", "/exchanges/" + exchange, Map.of("type", "topic", "durable", false));
        request("PUT", "/queues/" + queue, Map.of("durable", false));
    }

    void bind(String exchange, String queue, String key) throws IOException {
        request(
                "POST",
                "/bindings",
                Map.of("source", exchange, "destination_queue", queue, "binding_key", key, "arguments", Map.of()));
    }

    private void request(String method, String path, Map<String, Object> body) throws IOException {
        if (waiting == WINDOW) {
            answer();
        }
        Message request = Proton.message();
        request.setMessageId(method + path + waiting);
        request.setAddress(path);
        request.setSubject(method);
        request.setReplyTo("$me");
        request.setBody(new AmqpValue(body));
        var buffer = new byte[MAX_BYTES];
        client.send(requests, Arrays.copyOf(buffer, request.encode(buffer, 0, buffer.length)), true);
        waiting++;
    }

    private void answer() throws IOException {
        ByteBuffer encoded = client.receive();
        waiting--;
        Message answer = Proton.message();
        answer.decode(encoded.array(), encoded.arrayOffset() + encoded.position(), encoded.remaining());
        if (!answer.getSubject().startsWith("2")) {
            throw new IOException("the broker answered " + answer.getSubject() + " " + answer.getBody());
        }
    }

    /** Waits until everything that was asked for is done. */
    void await() throws IOException {
        while (waiting > 0) {
            answer();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
