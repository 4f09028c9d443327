package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.Output;
import io.turnstone.api.Body;
import io.turnstone.api.Overlay;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is done to each message: indexed when it arrives, given a header and a transfer when it leaves. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MessageBenchmark {

    private static final byte[] TAG = {1, 2, 3, 4};
    private static final int MAX_FRAME = 1 << 16;

    /** 100 B of data, or 1 KiB with properties and five application properties. */
    @Param({"plain", "rich"})
    public String kind = "";

    private final ByteBuffer room = ByteBuffer.allocateDirect(MAX_FRAME);
    private final Output out = atLeast -> room.clear();
    private final TransferWriter writer = new TransferWriter();
    private final MessageScan scan = new MessageScan();
    private byte[] bytes = plain();
    private Body.Inline body = Body.Inline.of(bytes);
    private Sample toQueue = delivery("");
    private Sample toExchange = delivery("");

    /** Encodes the message. */
    @Setup
    public void encode() {
        bytes = kind.equals("plain") ? plain() : rich();
        body = Body.Inline.of(bytes);
        toQueue = delivery("");
        toExchange = delivery("orders");
    }

    /** Finds the sections of a message and what the broker needs of them. */
    @Benchmark
    public Object index() {
        return scan.read(body);
    }

    /** Decodes all of it. */
    @Benchmark
    public Object decodeProtonJ() {
        Message decoded = Message.Factory.create();
        decoded.decode(bytes, 0, bytes.length);
        return decoded;
    }

    /** What an exchange of type headers pays once for each message, beside indexing it. */
    @Benchmark
    public @Nullable Object property() {
        return AmqpFormat.INSTANCE.read(body).property("region");
    }

    /** A message that was sent to a queue. */
    @Benchmark
    public int write() {
        return write(toQueue);
    }

    /** One that was published to an exchange, which is told in two annotations. */
    @Benchmark
    public int writeRouted() {
        return write(toExchange);
    }

    private int write(Sample delivery) {
        writer.begin(100_000, TAG, false, delivery, Map.of(), 0, null);
        writer.write(1, 3, MAX_FRAME, 1, out);
        return room.position();
    }

    private Sample delivery(String exchange) {
        return new Sample(
                AmqpFormat.INSTANCE.read(body),
                Overlay.arrival(exchange, "orders.eu", 0, io.turnstone.api.Message.NONE),
                true);
    }

    private static byte[] plain() {
        Message message = Message.Factory.create();
        message.setDurable(true);
        message.setBody(new Data(new Binary(new byte[100])));
        return Messages.encode(message);
    }

    private static byte[] rich() {
        Message message = Message.Factory.create();
        message.setDurable(true);
        message.setMessageId("ID:6f9e0e2c-70ba-4a1e-b0dc-7d4ae0f8f6a1:1:1");
        message.setAddress("/queues/orders.eu");
        message.setSubject("order.eu.paid");
        message.setContentType("application/json");
        message.setCreationTime(1_700_000_000_000L);
        message.setExpiryTime(1_700_000_100_000L);
        var properties = new HashMap<String, Object>();
        for (String name : List.of("region", "tenant", "kind", "trace")) {
            properties.put(name, "value of " + name);
        }
        properties.put("count", 5);
        message.setApplicationProperties(new ApplicationProperties(properties));
        message.setBody(new Data(new Binary(new byte[1024])));
        return Messages.encode(message);
    }
}
