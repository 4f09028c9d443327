package io.turnstone.load;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Open;

/**
 * Connects: TCP, SASL (PLAIN with a user, else ANONYMOUS), open and one session, step by step on a blocking
 * socket. Used by one thread.
 */
final class Handshake {

    /** Our limit; also the most we use of a larger limit of the broker's. */
    static final int MAX_FRAME_BYTES = 128 * 1024;

    static final int IDLE_TIMEOUT_MS = 30_000;

    private static final int CHANNEL = 0;
    private static final int MAX_CHANNELS = 1;

    private final BrokerUrl url;
    private final int timeoutMs;
    private final Performatives performatives;
    private final OutputStream out;
    private final DataInputStream in;

    private Handshake(BrokerUrl url, SocketChannel socket, Performatives performatives, int timeoutMs)
            throws IOException {
        this.url = url;
        this.timeoutMs = timeoutMs;
        this.performatives = performatives;
        out = socket.socket().getOutputStream();
        in = new DataInputStream(socket.socket().getInputStream());
    }

    /** A connection with a session, nothing else; the socket is blocking. */
    record Connected(SocketChannel socket, Open open, Begin begin) {}

    /**
     * @throws IOException that names the broker, when it is not there, does not answer in {@code timeoutMs} or
     *     refuses ({@link BrokerFailure})
     */
    static Connected connect(BrokerUrl url, String containerId, int timeoutMs, Performatives performatives)
            throws IOException {
        SocketChannel socket = SocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.socket().connect(new InetSocketAddress(url.host(), url.port()), timeoutMs);
            socket.socket().setSoTimeout(timeoutMs);
            return new Handshake(url, socket, performatives, timeoutMs).run(socket, containerId);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e instanceof BrokerFailure refusal ? refusal : new IOException(url + ": " + reason(e), e);
        }
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private Connected run(SocketChannel socket, String containerId) throws IOException {
        header(3);
        login();
        header(0);
        var open = new Open();
        open.setContainerId(containerId);
        open.setHostname(url.host());
        open.setMaxFrameSize(UnsignedInteger.valueOf(MAX_FRAME_BYTES));
        open.setChannelMax(UnsignedShort.valueOf((short) (MAX_CHANNELS - 1)));
        open.setIdleTimeOut(UnsignedInteger.valueOf(IDLE_TIMEOUT_MS));
        open.setProperties(Map.of(Symbol.valueOf("product"), "turnstone-load"));
        out.write(performatives.frame(0, open));
        Open opened = expect(Open.class);
        var begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(SessionState.INCOMING_WINDOW));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(SessionState.OUTGOING_WINDOW));
        out.write(performatives.frame(CHANNEL, begin));
        return new Connected(socket, opened, expect(Begin.class));
    }

    private void header(int protocol) throws IOException {
        byte[] ours = {'A', 'M', 'Q', 'P', (byte) protocol, 1, 0, 0};
        out.write(ours);
        var theirs = new byte[ours.length];
        in.readFully(theirs);
        if (!Arrays.equals(ours, theirs)) {
            throw new BrokerFailure(url + " does not speak AMQP 1.0 with SASL: it answered "
                    + new String(theirs, 0, 4, StandardCharsets.ISO_8859_1)
                    + Arrays.toString(Arrays.copyOfRange(theirs, 4, 8)));
        }
    }

    private void login() throws IOException {
        String mechanism = url.user() == null ? "ANONYMOUS" : "PLAIN";
        List<Symbol> offered = List.of(expect(SaslMechanisms.class).getSaslServerMechanisms());
        if (!offered.contains(Symbol.valueOf(mechanism))) {
            throw new BrokerFailure(url + " does not offer SASL " + mechanism + ", only " + offered);
        }
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf(mechanism));
        init.setHostname(url.host());
        String response = url.user() == null ? "anonymous" : "\0" + url.user() + "\0" + url.password();
        init.setInitialResponse(new Binary(response.getBytes(StandardCharsets.UTF_8)));
        out.write(performatives.saslFrame(init));
        SaslCode code = expect(SaslOutcome.class).getCode();
        if (code != SaslCode.OK) {
            throw new BrokerFailure(url + " refused the login (SASL " + mechanism + ", code " + code + ")");
        }
    }

    private <T> T expect(Class<T> type) throws IOException {
        while (true) {
            byte[] frame;
            try {
                frame = readFrame();
            } catch (InterruptedIOException e) {
                throw new BrokerFailure(url + " sent no " + type.getSimpleName() + " within " + timeoutMs + " ms");
            }
            int body = (frame[0] & 0xff) * 4 - 4;
            if (body == frame.length) {
                continue;
            }
            Object performative = performatives.read(ByteBuffer.wrap(frame, body, frame.length - body));
            if (type.isInstance(performative)) {
                return type.cast(performative);
            }
            String found = performative instanceof Close close && close.getError() != null
                    ? "closed: " + close.getError().getCondition() + " "
                            + close.getError().getDescription()
                    : "sent " + performative.getClass().getSimpleName();
            throw new BrokerFailure(url + " " + found + " instead of " + type.getSimpleName());
        }
    }

    /** What follows the four bytes of the size. */
    private byte[] readFrame() throws IOException {
        int size = in.readInt();
        if (size < 8 || size > MAX_FRAME_BYTES) {
            throw new BrokerFailure(url + " sent a frame of " + size + " bytes");
        }
        var frame = new byte[size - 4];
        in.readFully(frame);
        return frame;
    }
}
