package io.turnstone.amqp;

import static io.turnstone.fuzz.Wire.uint;

import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Choices;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.fuzz.Wire;
import io.turnstone.fuzz.Wire.Described;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.UnsignedByte;

/**
 * A publisher and a consumer of one queue within the process, without sockets: each has a connection, and a turn of theirs
 * sends a hundred messages of 100 B, pre-settled, once those before have arrived. Owned by its loop.
 */
final class PeersWithin {

    /** Messages of one turn. */
    static final int TURN = 100;

    private static final int DELIVERY_ID_AT = 16;
    private static final int FLOW_BYTES = 38;
    private static final int NEXT_INCOMING_AT = 15;
    private static final int DELIVERY_COUNT_AT = 29;
    private static final UnsignedByte SETTLED = UnsignedByte.valueOf((byte) 1);
    private static final int WINDOW = Integer.MAX_VALUE;

    private final Loop loop;
    private final Wire wire = new Wire(new Choices(new byte[0]), 0);
    private final SilentChannel atPublisher;
    private final SilentChannel atConsumer;
    private final ByteBuffer transfers = transfers();
    private final ByteBuffer flow = flow();
    private final Protocol.Connection publisher;
    private final Protocol.Connection consumer;
    private final Runnable turn = this::turn;
    private Runnable done = () -> {};
    private int turnsLeft;
    private int sent;
    private int arrived;

    /** Connects them; in the loop. */
    PeersWithin(Loop loop, AmqpProtocol protocol, Protocol.Host host, String address) {
        this.loop = loop;
        atPublisher = new SilentChannel(loop);
        atConsumer = new SilentChannel(loop);
        publisher = protocol.accept(atPublisher, host);
        consumer = protocol.accept(atConsumer, host);
        Described queue = Described.list(0x28, address);
        Described none = Described.list(0x29);
        open(consumer, Described.list(0x12, "out", uint(0), true, SETTLED, null, queue, none));
        Described target = Described.list(0x29, address);
        open(
                publisher,
                Described.list(
                        0x12, "in", uint(0), false, SETTLED, null, Described.list(0x28), target, null, null, uint(0)));
    }

    private void open(Protocol.Connection connection, Described attach) {
        received(connection, new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0});
        received(connection, wire.frame(0, 0, Described.list(0x10, "peer", null, uint(128 * 1024))));
        received(connection, wire.frame(0, 0, Described.list(0x11, null, uint(0), uint(WINDOW), uint(WINDOW))));
        received(connection, wire.frame(0, 0, attach));
    }

    private static void received(Protocol.Connection connection, byte... bytes) {
        connection.received(ByteBuffer.wrap(bytes));
    }

    /** Whether both links have what they need to begin. */
    boolean ready() {
        return atPublisher.flows() > 0;
    }

    /** Begins to send; any thread. What is done when all has arrived runs in the loop. */
    void run(int turns, Runnable whenDone) {
        loop.execute(() -> {
            turnsLeft = turns;
            done = whenDone;
            turn();
        });
    }

    private void turn() {
        arrived += atConsumer.transfers();
        atPublisher.flows();
        if (arrived == sent) {
            if (turnsLeft == 0) {
                done.run();
                return;
            }
            turnsLeft--;
            send();
        }
        loop.execute(turn);
    }

    private void send() {
        flow.putInt(NEXT_INCOMING_AT, arrived).putInt(DELIVERY_COUNT_AT, arrived);
        consumer.received(flow.rewind());
        int size = transfers.capacity() / TURN;
        for (int i = 0; i < TURN; i++) {
            transfers.putInt(i * size + DELIVERY_ID_AT, sent++);
        }
        publisher.received(transfers.rewind());
    }

    private static ByteBuffer transfers() {
        byte[] message = Messages.data(100);
        int size = 8 + 17 + message.length;
        ByteBuffer all = ByteBuffer.allocateDirect(TURN * size);
        for (int i = 0; i < TURN; i++) {
            // handle 0, delivery-id, tag, message-format 0, settled
            all.putInt(size).putInt(0x0200_0000).put(new byte[] {0, 0x53, 0x14, (byte) 0xc0, 12, 5, 0x43, 0x70});
            all.putInt(0).put(new byte[] {(byte) 0xa0, 1, 0, 0x43, 0x41}).put(message);
        }
        return all.flip();
    }

    private static ByteBuffer flow() {
        ByteBuffer frame = ByteBuffer.allocateDirect(FLOW_BYTES);
        // next-incoming-id, incoming-window, next-outgoing-id 0, outgoing-window 1, handle 0, delivery-count,
        // link-credit
        frame.putInt(FLOW_BYTES).putInt(0x0200_0000).put(new byte[] {0, 0x53, 0x13, (byte) 0xc0, 25, 7});
        frame.put((byte) 0x70).putInt(0).put((byte) 0x70).putInt(WINDOW);
        frame.put(new byte[] {0x43, 0x52, 1, 0x43, 0x70})
                .putInt(0)
                .put((byte) 0x70)
                .putInt(10 * TURN);
        return frame.flip();
    }
}
