package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.FakeLoop;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sasl;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An engine that we did not write, on the other end of a channel without socket, cut into pieces at random. */
@DisplayName("Proton-J's engine")
class ProtonEngineTest {

    private final MemoryHost host = new MemoryHost(new MemoryRouter());
    private final FakeLoop loop = new FakeLoop();
    private final MemoryChannel channel = new MemoryChannel(loop);
    private final AmqpConnection broker =
            (AmqpConnection) new AmqpProtocol(ScriptedPeer.SETTINGS).accept(channel, host);

    private final Random random = new Random(7);
    private final Transport transport = Proton.transport();
    private final Connection connection = Proton.connection();
    private Session session;
    private int tag;

    @Test
    void sendsAndReceivesAMessageOfEverySize() {
        connect(4_096);
        Sender sender = sender("q");
        Receiver receiver = receiver("q", 1_000);

        int[] sizes = {0, 1, 100, 255, 256, 257, 4_000, 4_096, 5_000, 70_000, 1_000_000};
        for (int size : sizes) {
            Delivery sent = send(sender, size);
            pump();
            assertInstanceOf(Accepted.class, sent.getRemoteState());
            assertTrue(sent.remotelySettled());
            sent.settle();
            assertEquals(size, receive(receiver));
        }
        assertEquals(sizes.length, host.router.consumers.get(0).outcomes.size());
    }

    @Test
    void sendsAndReceivesManyMessages() {
        connect(65_536);
        Sender sender = sender("q");
        Receiver receiver = receiver("q", 0);
        int sent = 0;
        int received = 0;
        int settled = 0;
        for (int round = 0; received < 5_000; round++) {
            assertTrue(round < 1_000, sent + " sent, " + settled + " settled, " + received + " received");
            while (sent < 5_000 && sender.getCredit() > 0) {
                send(sender, 100);
                sent++;
            }
            if (receiver.getCredit() < 50) {
                receiver.flow(100);
            }
            pump();
            Delivery delivery = connection.getWorkHead();
            while (delivery != null) {
                Delivery next = delivery.getWorkNext();
                if (delivery.getLink() == sender && delivery.remotelySettled()) {
                    assertInstanceOf(Accepted.class, delivery.getRemoteState());
                    delivery.settle();
                    settled++;
                }
                delivery = next;
            }
            while (receiver.current() != null && !receiver.current().isPartial()) {
                receive(receiver);
                received++;
            }
            pump();
        }
        assertEquals(5_000, settled);
        assertTrue(host.router.queue("q").entries.isEmpty());
        assertEquals(5_000, host.router.consumers.get(0).outcomes.size());
    }

    @Test
    void drains() {
        connect(65_536);
        Receiver receiver = receiver("q", 0);

        receiver.drain(10);
        pump();

        assertEquals(0, receiver.getCredit());
        assertEquals(10, receiver.drained());
    }

    @Test
    void closesLinkSessionAndConnection() {
        connect(65_536);
        Sender sender = sender("q");

        sender.close();
        pump();
        assertEquals(EndpointState.CLOSED, sender.getRemoteState());
        session.close();
        pump();
        assertEquals(EndpointState.CLOSED, session.getRemoteState());
        connection.close();
        pump();

        assertEquals(EndpointState.CLOSED, connection.getRemoteState());
        assertTrue(channel.closed());
    }

    private void connect(int maxFrameSize) {
        transport.setMaxFrameSize(maxFrameSize);
        Sasl sasl = transport.sasl();
        sasl.client();
        sasl.setMechanisms("ANONYMOUS");
        transport.bind(connection);
        connection.setContainer("proton");
        connection.open();
        session = connection.session();
        session.setIncomingCapacity(4 * 1024 * 1024);
        session.open();
        pump();
        assertEquals(EndpointState.ACTIVE, session.getRemoteState());
    }

    private Sender sender(String address) {
        Sender sender = session.sender("to-" + address);
        var target = new Target();
        target.setAddress(address);
        sender.setTarget(target);
        sender.setSource(new Source());
        sender.open();
        pump();
        return sender;
    }

    private Receiver receiver(String address, int credit) {
        Receiver receiver = session.receiver("from-" + address);
        var source = new Source();
        source.setAddress(address);
        receiver.setSource(source);
        receiver.setTarget(new Target());
        receiver.open();
        receiver.flow(credit);
        pump();
        return receiver;
    }

    private Delivery send(Sender sender, int size) {
        var body = new byte[size];
        Arrays.fill(body, (byte) size);
        Message message = Message.Factory.create();
        message.setBody(new Data(new Binary(body)));
        Delivery delivery = sender.delivery(ByteBuffer.allocate(4).putInt(tag++).array());
        var bytes = new byte[size + 100];
        sender.send(bytes, 0, message.encode(bytes, 0, bytes.length));
        sender.advance();
        return delivery;
    }

    private int receive(Receiver receiver) {
        Delivery delivery = receiver.current();
        var bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        delivery.disposition(Accepted.getInstance());
        delivery.settle();
        pump();
        Message message = Message.Factory.create();
        message.decode(bytes, 0, bytes.length);
        return ((Data) message.getBody()).getValue().getLength();
    }

    /** Moves bytes both ways until nobody has anything to say. */
    private void pump() {
        boolean moved = true;
        while (moved) {
            moved = toBroker();
            loop.settle();
            moved |= fromBroker();
        }
    }

    private boolean toBroker() {
        int pending = transport.pending();
        if (pending <= 0) {
            return false;
        }
        var bytes = new byte[pending];
        transport.head().get(bytes);
        transport.pop(pending);
        if (channel.closed()) {
            return false;
        }
        int at = 0;
        while (at < bytes.length && !channel.closed()) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(10_000));
            ByteBuffer piece = ByteBuffer.wrap(bytes, at, length).slice();
            loop.within(() -> broker.received(piece));
            at += length;
        }
        return true;
    }

    private boolean fromBroker() {
        ByteBuffer bytes = channel.take();
        boolean moved = bytes.hasRemaining();
        while (bytes.hasRemaining() && transport.capacity() > 0) {
            ByteBuffer tail = transport.tail();
            int length = Math.min(tail.remaining(), bytes.remaining());
            tail.put(bytes.slice(bytes.position(), length));
            bytes.position(bytes.position() + length);
            transport.process();
        }
        return moved;
    }
}
