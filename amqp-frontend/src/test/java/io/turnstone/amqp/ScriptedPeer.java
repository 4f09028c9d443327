package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.store.Spool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/**
 * The other end of one {@link AmqpConnection}, frame by frame, with Proton-J's codec: sends what a test says and shows
 * what comes back. No thread, no socket.
 */
final class ScriptedPeer {

    /** One frame from the broker; an empty one has no body. */
    record Frame(int type, int channel, Object body, byte[] payload) {}

    static final AmqpSettings SETTINGS = AmqpSettings.of("node-1", "0.1.0");

    final FakeLoop loop;
    final MemoryChannel channel;
    final MemoryHost host;
    final MemoryRouter router;
    final AmqpConnection connection;

    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private ByteBuffer unread = ByteBuffer.allocate(0);
    private ByteBuffer batch;

    ScriptedPeer() {
        this(SETTINGS);
    }

    ScriptedPeer(AmqpSettings settings) {
        this(new AmqpProtocol(settings), new MemoryHost(new MemoryRouter()), new FakeLoop());
    }

    /** Of a broker that keeps large messages there. */
    ScriptedPeer(AmqpSettings settings, Spool spool) {
        this(new AmqpProtocol(settings), new MemoryHost(new MemoryRouter(), Optional.of(spool)), new FakeLoop());
    }

    ScriptedPeer(AmqpProtocol protocol, MemoryHost host, FakeLoop loop) {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        this.host = host;
        this.router = host.router;
        this.loop = loop;
        this.channel = new MemoryChannel(loop);
        this.connection = (AmqpConnection) protocol.accept(channel, host);
    }

    // Sending.

    /** Sends bytes as one read of the socket. */
    void raw(ByteBuffer bytes) {
        if (batch != null) {
            batch.put(bytes);
            return;
        }
        loop.within(() -> connection.received(bytes));
        loop.settle();
    }

    void raw(byte... bytes) {
        raw(ByteBuffer.wrap(bytes));
    }

    /** What is sent within goes out as one read of the socket. */
    void together(Runnable sending) {
        batch = ByteBuffer.allocate(4 * 1024 * 1024);
        sending.run();
        ByteBuffer all = batch.flip();
        batch = null;
        raw(all);
    }

    void header(ProtocolHeader header) {
        ByteBuffer bytes = ByteBuffer.allocate(ProtocolHeader.LENGTH);
        header.write(bytes);
        raw(bytes.flip());
    }

    void send(int onChannel, FrameBody body, byte... payload) {
        raw(frame(0, onChannel, body, payload));
    }

    void sasl(SaslFrameBody body) {
        raw(frame(1, 0, body));
    }

    ByteBuffer frame(int type, int onChannel, Object body, byte... payload) {
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024 + payload.length);
        bytes.putInt(0).put((byte) 2).put((byte) type).putShort((short) onChannel);
        if (body != null) {
            encoder.setByteBuffer(bytes);
            encoder.writeObject(body);
        }
        bytes.put(payload);
        bytes.putInt(0, bytes.position());
        return bytes.flip();
    }

    /** The end of the socket, without a close frame. */
    void lost() {
        loop.within(connection::closed);
        loop.settle();
    }

    // Receiving.

    /** The next frame; fails when there is none. */
    Frame next() {
        read();
        Frame frame = frames.poll();
        assertNotNull(frame, "the broker said nothing");
        return frame;
    }

    <T> T expect(Class<T> type) {
        return assertInstanceOf(type, next().body());
    }

    /** The next eight bytes. */
    byte[] expectHeader() {
        unread = joined(unread, channel.take());
        var header = new byte[ProtocolHeader.LENGTH];
        assertTrue(unread.remaining() >= header.length, "the broker sent no protocol header");
        unread.get(header);
        return header;
    }

    void expectNothing() {
        read();
        assertEquals(0, frames.size(), () -> "the broker said " + frames);
    }

    void forgetAll() {
        read();
        frames.clear();
    }

    /** The next frame of a kind; what comes before is forgotten. */
    <T> T forgetUntil(Class<T> type) {
        Object body = next().body();
        while (!type.isInstance(body)) {
            body = next().body();
        }
        return type.cast(body);
    }

    boolean hasNext() {
        read();
        return !frames.isEmpty();
    }

    private void read() {
        unread = joined(unread, channel.take());
        // A size of 'AMQP' is a protocol header, which a test has to expect.
        while (unread.remaining() >= 8 && unread.getInt(unread.position()) != 0x414d5150) {
            int size = unread.getInt();
            int offset = unread.get() * 4;
            int type = unread.get();
            int number = unread.getShort() & 0xffff;
            unread.position(unread.position() + offset - 8);
            ByteBuffer body = unread.slice(unread.position(), size - offset);
            unread.position(unread.position() + size - offset);
            Object performative = null;
            if (body.hasRemaining()) {
                decoder.setByteBuffer(body);
                performative = decoder.readObject();
            }
            var payload = new byte[body.remaining()];
            body.get(payload);
            frames.add(new Frame(type, number, performative, payload));
        }
    }

    private static ByteBuffer joined(ByteBuffer a, ByteBuffer b) {
        return ByteBuffer.allocate(a.remaining() + b.remaining()).put(a).put(b).flip();
    }

    // What most tests begin with.

    ScriptedPeer headers() {
        header(ProtocolHeader.AMQP);
        expectHeader();
        return this;
    }

    Open open(String container) {
        var open = new Open();
        open.setContainerId(container);
        return open;
    }

    ScriptedPeer opened() {
        headers();
        send(0, open("peer"));
        expect(Open.class);
        return this;
    }

    Begin begin() {
        var begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ONE);
        begin.setIncomingWindow(UnsignedInteger.valueOf(1000));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        return begin;
    }

    ScriptedPeer begun() {
        opened();
        send(0, begin());
        expect(Begin.class);
        return this;
    }

    Attach attach(String name, int handle, Role role, String address) {
        var attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        var source = new Source();
        var target = new Target();
        if (role == Role.SENDER) {
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
            target.setAddress(address);
        } else {
            source.setAddress(address);
        }
        attach.setSource(source);
        attach.setTarget(target);
        return attach;
    }

    /** Attaches a sender on channel 0, handle 0, and takes the answer and the credit. */
    ScriptedPeer sending(String address) {
        begun();
        send(0, attach("out", 0, Role.SENDER, address));
        expect(Attach.class);
        expect(Flow.class);
        return this;
    }

    /** Attaches a receiver on channel 0, handle 0. */
    ScriptedPeer receiving(String address) {
        begun();
        send(0, attach("in", 0, Role.RECEIVER, address));
        expect(Attach.class);
        return this;
    }

    static Transfer transfer(int deliveryId, boolean settled) {
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.ZERO);
        transfer.setDeliveryId(UnsignedInteger.valueOf(deliveryId));
        transfer.setDeliveryTag(new Binary(new byte[] {(byte) deliveryId}));
        transfer.setMessageFormat(UnsignedInteger.ZERO);
        transfer.setSettled(settled);
        return transfer;
    }

    Flow flow(int deliveryCount, int credit) {
        Flow flow = sessionFlow(0, 1000);
        flow.setHandle(UnsignedInteger.ZERO);
        flow.setDeliveryCount(UnsignedInteger.valueOf(deliveryCount));
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        return flow;
    }

    Flow sessionFlow(int nextIncomingId, int window) {
        var flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.valueOf(nextIncomingId));
        flow.setIncomingWindow(UnsignedInteger.valueOf(window));
        flow.setNextOutgoingId(UnsignedInteger.ONE);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        return flow;
    }

    static Disposition disposition(int first, int last, boolean settled, DeliveryState state) {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(first));
        disposition.setLast(UnsignedInteger.valueOf(last));
        disposition.setSettled(settled);
        disposition.setState(state);
        return disposition;
    }

    static Detach detach(int handle, boolean closed) {
        var detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(handle));
        detach.setClosed(closed);
        return detach;
    }

    /** A message with a string as its body. */
    byte[] message(String text) {
        return section(new AmqpValue(text));
    }

    byte[] section(Object... sections) {
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        encoder.setByteBuffer(bytes);
        for (Object section : sections) {
            encoder.writeObject(section);
        }
        bytes.flip();
        var message = new byte[bytes.remaining()];
        bytes.get(message);
        return message;
    }

    /** Puts messages into a queue of the router, as if somebody had published them. */
    void stored(String queue, int count) {
        loop.within(() -> {
            for (int i = 0; i < count; i++) {
                router.queue(queue).add(AmqpFormat.INSTANCE.read(io.turnstone.api.Body.Inline.of(message("m" + i))));
            }
        });
        loop.settle();
    }

    // Errors.

    /** A detach after whatever else was said. */
    void forgetUntilDetach(String condition) {
        while (true) {
            if (next().body() instanceof Detach detach) {
                assertError(condition, detach.getError());
                return;
            }
        }
    }

    void expectDetached(String condition) {
        Detach detach = expect(Detach.class);
        assertTrue(detach.getClosed(), "an error closes the link");
        assertError(condition, detach.getError());
    }

    void expectEnded(String condition) {
        assertError(condition, expect(End.class).getError());
    }

    void expectClosed(String condition) {
        assertError(condition, expect(Close.class).getError());
    }

    private static void assertError(String condition, ErrorCondition error) {
        if (error == null) {
            fail("there is no error");
        }
        assertEquals(Symbol.valueOf(condition), error.getCondition(), error.getDescription());
        assertTrue(error.getDescription() != null && error.getDescription().length() > 10, "a description that helps");
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
