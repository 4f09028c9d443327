package io.turnstone.amqp;

import static io.turnstone.fuzz.Wire.uint;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.Choices;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.fuzz.Wire;
import io.turnstone.fuzz.Wire.Described;
import io.turnstone.router.RouterCore;
import io.turnstone.router.RouterSettings;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What of the heap the engine and the core keep, counted after garbage collection, without sockets and files: {@link #main}
 * prints it.
 */
final class Footprint {

    private static final int CONNECTIONS = 5_000;
    private static final int DELIVERIES = 100_000;
    private static final int BODY = 100;

    /** Heap bytes of one of many messages that a consumer holds, beyond the message. */
    record Unsettled(double queued, double delivered) {
        double bytes() {
            return queued + delivered;
        }
    }

    private final FakeLoop loop = new FakeLoop();
    private final RouterCore core = RouterCore.start(
            RouterSettings.defaults(Map.of(AmqpFormat.INSTANCE.id(), AmqpFormat.INSTANCE)),
            List.of(loop),
            FakeStore.automatic());
    private final AmqpProtocol protocol = new AmqpProtocol(AmqpSettings.of("node", "1"));
    private final MemoryHost host = new MemoryHost(new MemoryRouter());
    private final Wire wire = new Wire(new Choices(new byte[0]), 0);
    private final List<Protocol.Connection> open = new ArrayList<>();
    private long written;

    Footprint() {
        host.core = core;
    }

    /** Prints both. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        System.out.printf("an idle connection: %.1f KiB%n", new Footprint().connection() / 1024);
        var unsettled = new Footprint().unsettled();
        System.out.printf(
                "an unsettled delivery: %.0f bytes beyond its message (%.0f in the queue, %.0f for being delivered)%n",
                unsettled.bytes(), unsettled.queued(), unsettled.delivered());
    }

    /** Heap bytes of a connection with a session and a receiver that has credit, of 5,000. */
    double connection() {
        connect(1);
        long before = heap();
        for (int i = 0; i < CONNECTIONS; i++) {
            connect(10);
        }
        long bytes = heap() - before;
        if (core.queueStatus().iterator().next().consumers() != CONNECTIONS + 1) {
            throw new IllegalStateException("not all have attached");
        }
        return (double) bytes / CONNECTIONS;
    }

    /** Of 100,000 messages of 100 bytes, not durable, on one link. */
    Unsettled unsettled() {
        var connection = connect(0);
        var messages = new Message[DELIVERIES];
        for (int i = 0; i < DELIVERIES; i++) {
            messages[i] = AmqpFormat.INSTANCE.read(Body.Inline.of(Messages.data(BODY)));
        }
        long before = heap();
        publish(messages);
        long queued = heap();
        received(connection, wire.frame(0, 0, flow(DELIVERIES)));
        long delivered = heap();
        if (core.queueStatus().iterator().next().unsettled() != DELIVERIES || messages[0].size() < BODY) {
            throw new IllegalStateException("not all were delivered: " + core.queueStatus() + " " + written);
        }
        return new Unsettled((double) (queued - before) / DELIVERIES, (double) (delivered - queued) / DELIVERIES);
    }

    private void publish(Message... messages) {
        var peer = new Peer(1, "amqp", "publisher", Identity.ANONYMOUS, "192.0.2.1:1");
        var listener = new Publisher.Listener() {
            @Override
            public void flow(boolean open) {}

            @Override
            public void closed(Refusal reason) {}
        };
        loop.within(() -> core.openPublisher(new Address.Queue("q", false), peer, loop, listener)
                .thenAccept(publisher -> {
                    for (Message each : messages) {
                        publisher.publish(each, null);
                    }
                    publisher.close();
                }));
        loop.settle();
    }

    private Protocol.Connection connect(int credit) {
        var connection = protocol.accept(new Sink(), host);
        open.add(connection);
        received(connection, new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0});
        received(connection, wire.frame(0, 0, Described.list(0x10, "peer-" + open.size(), null, uint(128 * 1024))));
        received(connection, wire.frame(0, 0, Described.list(0x11, null, uint(0), uint(-1), uint(100))));
        Described source = Described.list(0x28, "q");
        received(
                connection,
                wire.frame(
                        0, 0, Described.list(0x12, "link", uint(0), true, null, null, source, Described.list(0x29))));
        if (credit > 0) {
            received(connection, wire.frame(0, 0, flow(credit)));
        }
        return connection;
    }

    private static Described flow(int credit) {
        return Described.list(0x13, uint(0), uint(-1), uint(0), uint(100), uint(0), uint(0), uint(credit));
    }

    private void received(Protocol.Connection connection, byte... bytes) {
        loop.within(() -> connection.received(ByteBuffer.wrap(bytes)));
        loop.settle();
    }

    private long heap() {
        host.events.clear();
        var memory = ManagementFactory.getMemoryMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            memory.gc();
            least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /** A channel that keeps nothing; all of them write to one place. */
    private final class Sink implements Protocol.Channel {

        private static final int ROOM = 1 << 20;
        private static final ByteBuffer OUT = ByteBuffer.allocate(ROOM);

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public String remoteAddress() {
            return "192.0.2.1:40000";
        }

        @Override
        public ByteBuffer out(int atLeast) {
            if (OUT.remaining() < atLeast) {
                written += OUT.position();
                OUT.clear();
            }
            return OUT;
        }

        @Override
        public long pendingBytes() {
            return 0;
        }

        @Override
        public void read(boolean on) {}

        @Override
        public void close() {
            throw new IllegalStateException("the connection ended");
        }
    }
}
