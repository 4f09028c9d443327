package io.turnstone.amqp.codec;

import com.sun.management.ThreadMXBean;
import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.amqp.message.Messages;
import io.turnstone.amqp.message.Sample;
import io.turnstone.amqp.message.TransferWriter;
import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/**
 * Prints what the hot paths of the codec cost, beside Proton-J's on the same bytes: best of some rounds, nanoseconds
 * and allocated bytes per operation. A yardstick for changes, not a promise; see docs/performance.md.
 */
final class CodecBench {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int OPERATIONS = 200_000;
    private static final int ROUNDS = 40;

    private static int sink;

    private final PerformativeCodec codec = new PerformativeCodec();
    private final TransferFrame transfer = new TransferFrame();
    private final FlowFrame flow = new FlowFrame(codec);
    private final DispositionFrame disposition = new DispositionFrame(codec);
    private final ByteBuffer room = ByteBuffer.allocateDirect(64 * 1024);
    private final Output out = atLeast -> room.clear();
    private final TransferWriter writer = new TransferWriter();

    private CodecBench() {}

    /** Runs all. */
    public static void main(String[] arguments) {
        new CodecBench().run();
        System.out.println("checked " + (sink != 0));
    }

    private void run() {
        byte[] small = plain(100);
        byte[] rich = rich(1024);
        decode(small);
        encode();
        scan("scan, 100 B data", small);
        scan("scan, 1 KiB with properties", rich);
        write("begin + write, 100 B", small, "");
        write("begin + write, 100 B, x-exchange", small, "orders");
        write("begin + write, 1 KiB with properties", rich, "");
        Body.Inline inline = Body.Inline.of(rich);
        measure(
                "scan + one application property",
                () -> String.valueOf(AmqpFormat.INSTANCE.read(inline).property("region"))
                        .length());
    }

    private void decode(byte[] payload) {
        var performative = new Transfer();
        performative.setHandle(UnsignedInteger.valueOf(3));
        performative.setDeliveryId(UnsignedInteger.valueOf(100_000));
        performative.setDeliveryTag(new Binary(new byte[] {1, 2, 3, 4}));
        performative.setMessageFormat(UnsignedInteger.ZERO);
        performative.setSettled(false);
        ByteBuffer frames = framed(Proton.encode(performative), payload);
        var reader = new FrameReader(1 << 16);
        var sinkOfFrames = new FrameSink() {
            @Override
            public void frame(int type, int channel, ByteBuffer body) {
                sink += PerformativeCodec.kind(body);
                transfer.decode(body);
                sink += transfer.deliveryId + body.remaining();
            }

            @Override
            public void heartbeat() {}
        };
        measure("frame + transfer decode", () -> reader.next(frames.rewind(), sinkOfFrames) ? 1 : 0);
        measure("Proton-J: transfer decode", () -> {
            ((Transfer) Proton.decode(frames.position(8))).getDeliveryId();
            return frames.remaining();
        });
        ByteBuffer flowBytes = copy(Proton.encode(flow()));
        measure("flow decode", () -> {
            flow.decode(flowBytes.rewind());
            return (int) flow.linkCredit;
        });
        measure("Proton-J: flow decode", () -> Proton.decode(flowBytes.rewind()).hashCode());
        ByteBuffer settled = copy(Proton.encode(disposition()));
        measure("disposition decode", () -> {
            disposition.decode(settled.rewind());
            return disposition.state() == Accepted.getInstance() ? 1 : 0;
        });
        measure(
                "Proton-J: disposition decode",
                () -> Proton.decode(settled.rewind()).hashCode());
    }

    private void encode() {
        measure("flow encode", () -> {
            flow.encode(1, out);
            return room.position();
        });
        Flow protonFlow = flow();
        measure("Proton-J: flow encode", () -> {
            codec.encode(1, protonFlow, out);
            return room.position();
        });
        measure("disposition encode", () -> {
            disposition.encode(1, true, 100_000, 100_100, true, Accepted.getInstance(), out);
            return room.position();
        });
        Disposition protonDisposition = disposition();
        measure("Proton-J: disposition encode", () -> {
            codec.encode(1, protonDisposition, out);
            return room.position();
        });
    }

    private static void scan(String name, byte[] message) {
        Body.Inline body = Body.Inline.of(message);
        var scan = new MessageScan();
        measure(name, () -> scan.read(body).priority());
        measure("Proton-J: " + name, () -> {
            var decoded = org.apache.qpid.proton.message.Message.Factory.create();
            decoded.decode(message, 0, message.length);
            return decoded.getPriority();
        });
    }

    private void write(String name, byte[] bytes, String exchange) {
        AmqpMessage message = AmqpFormat.INSTANCE.read(Body.Inline.of(bytes));
        var delivery = new Sample(message, Overlay.arrival(exchange, "orders.eu", 0, Message.NONE), true);
        byte[] tag = {1, 2, 3, 4};
        measure(name, () -> {
            writer.begin(100_000, tag, false, delivery, Map.of(), 0, null);
            return writer.write(1, 3, 1 << 16, 1, out) + room.position();
        });
    }

    private static void measure(String name, IntSupplier operation) {
        long best = Long.MAX_VALUE;
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            for (int i = 0; i < OPERATIONS; i++) {
                sink += operation.getAsInt();
            }
            best = Math.min(best, System.nanoTime() - start);
            allocated = Math.min(allocated, THREADS.getCurrentThreadAllocatedBytes() - bytes);
        }
        System.out.printf("%-46s %8.1f ns %7d B%n", name, (double) best / OPERATIONS, allocated / OPERATIONS);
    }

    private static byte[] plain(int size) {
        var message = org.apache.qpid.proton.message.Message.Factory.create();
        message.setDurable(true);
        message.setBody(new Data(new Binary(new byte[size])));
        return Messages.encode(message);
    }

    private static byte[] rich(int size) {
        var message = org.apache.qpid.proton.message.Message.Factory.create();
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
        message.setBody(new Data(new Binary(new byte[size])));
        return Messages.encode(message);
    }

    private static Flow flow() {
        var flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.valueOf(100_000));
        flow.setIncomingWindow(UnsignedInteger.valueOf(2048));
        flow.setNextOutgoingId(UnsignedInteger.valueOf(1));
        flow.setOutgoingWindow(UnsignedInteger.valueOf(2048));
        flow.setHandle(UnsignedInteger.valueOf(3));
        flow.setDeliveryCount(UnsignedInteger.valueOf(100_000));
        flow.setLinkCredit(UnsignedInteger.valueOf(1000));
        return flow;
    }

    private static Disposition disposition() {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(100_000));
        disposition.setLast(UnsignedInteger.valueOf(100_100));
        disposition.setSettled(true);
        disposition.setState(Accepted.getInstance());
        return disposition;
    }

    private static ByteBuffer framed(ByteBuffer performative, byte[] payload) {
        int size = 8 + performative.remaining() + payload.length;
        ByteBuffer frame = ByteBuffer.allocateDirect(size).putInt(size).putInt(0x0200_0001);
        return frame.put(performative).put(payload).flip();
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }
}
