package io.turnstone.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.jspecify.annotations.Nullable;

/**
 * A socket that says whatever it is told to: frames with Proton-J's codec, or bytes that no client would send. Used by
 * one thread.
 */
final class RawPeer implements AutoCloseable {

    static final byte[] SASL_HEADER = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};
    static final byte[] AMQP_HEADER = {'A', 'M', 'Q', 'P', 0, 1, 0, 0};
    private static final int AMQP = 0;
    private static final int SASL = 1;
    private static final int READ_TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);
    private final ByteBuffer scratch = ByteBuffer.allocate(1 << 16);
    private byte[] payload = new byte[0];

    /** Connects and says nothing. */
    RawPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(READ_TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    /** Connects, opens the connection anonymously and begins a session on channel 0. */
    static RawPeer opened(int port) throws IOException {
        var peer = new RawPeer(port);
        peer.login();
        var open = new Open();
        open.setContainerId("raw-" + System.nanoTime());
        open.setHostname("localhost");
        peer.send(open);
        peer.send(begin());
        peer.await(Open.class);
        peer.await(Begin.class);
        return peer;
    }

    /** The two headers and SASL ANONYMOUS. */
    void login() throws IOException {
        bytes(SASL_HEADER);
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf("ANONYMOUS"));
        write(SASL, 0, init, new byte[0]);
        header();
        await(SaslMechanisms.class);
        await(SaslOutcome.class);
        bytes(AMQP_HEADER);
        header();
    }

    static Begin begin() {
        var begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(10_000));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(10_000));
        return begin;
    }

    /** An attach with source and target of this address on either side. */
    static Attach attach(String name, int handle, Role role, String address) {
        var attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        var source = new Source();
        var target = new Target();
        if (role == Role.RECEIVER) {
            source.setAddress(address);
        } else {
            target.setAddress(address);
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        }
        attach.setSource(source);
        attach.setTarget(target);
        return attach;
    }

    /** Credit for a receiver that has received nothing yet. */
    static Flow credit(int handle, int credit) {
        var flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(10_000));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(10_000));
        flow.setHandle(UnsignedInteger.valueOf(handle));
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        return flow;
    }

    /** A transfer of one frame on the link of handle 0. */
    static Transfer transfer(int id, boolean settled) {
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.ZERO);
        transfer.setDeliveryId(UnsignedInteger.valueOf(id));
        transfer.setDeliveryTag(new Binary(new byte[] {(byte) id}));
        transfer.setMessageFormat(UnsignedInteger.ZERO);
        transfer.setSettled(settled);
        return transfer;
    }

    /** Attaches a receiver to an address and gives it credit. */
    void receiver(int handle, String address, int credit) throws IOException {
        send(attach("raw-receiver-" + handle, handle, Role.RECEIVER, address));
        await(Attach.class);
        send(credit(handle, credit));
    }

    /** One frame on channel 0. */
    void send(Object performative) throws IOException {
        write(AMQP, 0, performative, new byte[0]);
    }

    /** One frame on channel 0 with a payload. */
    void send(Object performative, byte[] payload) throws IOException {
        write(AMQP, 0, performative, payload);
    }

    /** One frame. */
    void write(int type, int channel, Object performative, byte[] payload) throws IOException {
        scratch.clear().position(8);
        encoder.setByteBuffer(scratch);
        encoder.writeObject(performative);
        scratch.put(payload);
        scratch.putInt(0, scratch.position())
                .put(4, (byte) 2)
                .put(5, (byte) type)
                .putShort(6, (short) channel);
        out.write(scratch.array(), 0, scratch.position());
    }

    /** Whatever bytes. */
    void bytes(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Reads a protocol header and answers it as text. */
    String header() throws IOException {
        return new String(in.readNBytes(8), US_ASCII);
    }

    /** The next performative, frames without one skipped; null when the broker has closed the socket. */
    @Nullable
    Object next() throws IOException {
        try {
            while (true) {
                int size = in.readInt();
                byte[] frame = in.readNBytes(size - 4);
                int body = (frame[0] & 0xff) * 4 - 4;
                if (frame.length > body) {
                    ByteBuffer rest = ByteBuffer.wrap(frame, body, frame.length - body);
                    decoder.setByteBuffer(rest);
                    Object performative = decoder.readObject();
                    payload = new byte[rest.remaining()];
                    rest.get(payload);
                    return performative;
                }
            }
        } catch (EOFException | SocketException e) {
            return null;
        }
    }

    /** What came behind the performative that was read last. */
    byte[] payload() {
        return payload;
    }

    /** Skips performatives until one of this type. */
    <T> T await(Class<T> type) throws IOException {
        for (Object performative = next(); performative != null; performative = next()) {
            if (type.isInstance(performative)) {
                return type.cast(performative);
            }
        }
        throw new EOFException("the broker closed the socket before " + type.getSimpleName());
    }

    /** Reads until the broker closes the socket, whatever it says before. */
    void awaitEnd() throws IOException {
        try {
            in.skipNBytes(Long.MAX_VALUE);
        } catch (EOFException | SocketException e) {
            return;
        }
        throw new IllegalStateException("the broker sent more than a file can hold");
    }

    /** Says that nothing more will come. */
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** Goes away like a machine that lost its power: no detach, no close, a reset at most. */
    void vanish() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
