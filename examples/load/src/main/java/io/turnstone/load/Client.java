package io.turnstone.load;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * A connection for what happens once at a time: opening a link, one message, one answer. Each call waits for the
 * broker; messages fit one frame. Owned by one thread; {@link #close} may come from any.
 */
public final class Client implements AutoCloseable {

    private static final Symbol[] OUTCOMES = {
        Symbol.valueOf("amqp:accepted:list"),
        Symbol.valueOf("amqp:rejected:list"),
        Symbol.valueOf("amqp:released:list"),
        Symbol.valueOf("amqp:modified:list")
    };
    private static final Map<Symbol, Object> PAIRED = Map.of(Symbol.valueOf("paired"), true);
    private static final int MAX_TRANSFER_BYTES = 64;

    /** Thousands of clients may be open: what is larger is there for the message that needs it. */
    private static final int SCRATCH_BYTES = 512;

    private static final int READ_BYTES = 4 * 1024;

    private final BrokerUrl url;
    private final Performatives performatives;
    private final SocketChannel channel;
    private final DataInputStream in;
    private final OutputStream out;
    private final SessionState session = new SessionState();
    private final Map<Integer, Receiving> receiving = new HashMap<>();
    private ByteBuffer scratch = ByteBuffer.allocate(SCRATCH_BYTES);
    private final Deque<Arrived> arrived = new ArrayDeque<>();
    private ByteBuffer frame = ByteBuffer.allocate(0);
    private int nextHandle;

    /** A message that came while something else was awaited, or comes now. */
    private record Arrived(Transfer transfer, ByteBuffer message) {}

    /** A receiving link, by the broker's handle. */
    private static final class Receiving {
        private final int handle;
        private final int credit;
        private int deliveryCount;
        private int left;

        private Receiving(int handle, int credit, int deliveryCount) {
            this.handle = handle;
            this.credit = credit;
            this.deliveryCount = deliveryCount;
            left = credit;
        }
    }

    private Client(BrokerUrl url, Handshake.Connected connected, Performatives performatives) throws IOException {
        this.url = url;
        this.performatives = performatives;
        channel = connected.socket();
        Socket socket = channel.socket();
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), READ_BYTES));
        out = socket.getOutputStream();
        Begin begin = connected.begin();
        session.begun(
                begin.getNextOutgoingId().intValue(), begin.getIncomingWindow().intValue());
    }

    /**
     * Opens a connection with a session.
     *
     * @param timeoutMs of each later call, too
     * @throws IOException when the broker is not there, refuses, or is silent for so long
     */
    public static Client connect(BrokerUrl url, String containerId, int timeoutMs) throws IOException {
        return connect(url, containerId, timeoutMs, new Performatives());
    }

    /** With a codec that others of the same thread use, too. */
    static Client connect(BrokerUrl url, String containerId, int timeoutMs, Performatives performatives)
            throws IOException {
        return new Client(url, Handshake.connect(url, containerId, timeoutMs, performatives), performatives);
    }

    /**
     * Opens a sending link and waits for credit.
     *
     * @param address empty for the anonymous terminus
     * @return its handle
     */
    public int sender(String address) throws IOException {
        int handle = nextHandle++;
        return sender(attach("sender-" + handle, handle, Role.SENDER), address);
    }

    private int sender(Attach attach, String address) throws IOException {
        var source = new Source();
        source.setOutcomes(OUTCOMES);
        var target = new Target();
        target.setAddress(address.isEmpty() ? null : address);
        attach.setSource(source);
        attach.setTarget(target);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        write(attach);
        if (await(Attach.class).getTarget() == null) {
            await(Detach.class);
        }
        while (true) {
            Flow flow = await(Flow.class);
            UnsignedInteger credit = flow.getLinkCredit();
            if (flow.getHandle() != null && credit != null && credit.longValue() > 0) {
                return attach.getHandle().intValue();
            }
        }
    }

    /**
     * Opens a receiving link with credit that is kept up.
     *
     * @param address empty for a temporary queue
     * @return the address: that of the temporary queue, or the same
     */
    public String receiver(String address, int credit) throws IOException {
        int handle = nextHandle++;
        return receiver(attach("receiver-" + handle, handle, Role.RECEIVER), address, credit);
    }

    private String receiver(Attach attach, String address, int credit) throws IOException {
        var source = new Source();
        source.setOutcomes(OUTCOMES);
        source.setAddress(address.isEmpty() ? null : address);
        source.setDynamic(address.isEmpty());
        attach.setSource(source);
        attach.setTarget(new Target());
        write(attach);
        Attach reply = await(Attach.class);
        if (!(reply.getSource() instanceof Source opened) || opened.getAddress() == null) {
            await(Detach.class);
            throw new BrokerFailure(url + " gave the link no address");
        }
        UnsignedInteger initial = reply.getInitialDeliveryCount();
        var link = new Receiving(attach.getHandle().intValue(), credit, initial == null ? 0 : initial.intValue());
        receiving.put(reply.getHandle().intValue(), link);
        flow(link);
        return opened.getAddress();
    }

    /**
     * Opens a pair of links to a node that answers requests (AMQP link pairs): what is sent, pre-settled, to the handle
     * is answered by {@link #receive}.
     *
     * @return the handle of the sending link
     */
    public int pair(String address, int credit) throws IOException {
        Attach answers = attach("pair", nextHandle++, Role.RECEIVER);
        answers.setProperties(PAIRED);
        receiver(answers, address, credit);
        Attach requests = attach("pair", nextHandle++, Role.SENDER);
        requests.setProperties(PAIRED);
        requests.setSndSettleMode(SenderSettleMode.SETTLED);
        return sender(requests, address);
    }

    private static Attach attach(String name, int handle, Role role) {
        var attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        attach.setSndSettleMode(SenderSettleMode.UNSETTLED);
        attach.setRcvSettleMode(ReceiverSettleMode.FIRST);
        return attach;
    }

    /** Sends one encoded message; pre-settled, or else waits until the broker accepted it. */
    public void send(int handle, byte[] message, boolean settled) throws IOException {
        if (message.length > Handshake.MAX_FRAME_BYTES - MAX_TRANSFER_BYTES) {
            throw new IllegalArgumentException("a message of " + message.length + " bytes does not fit one frame");
        }
        int deliveryId = session.takeDeliveryId();
        if (scratch.capacity() < message.length + MAX_TRANSFER_BYTES) {
            scratch = ByteBuffer.allocate(message.length + MAX_TRANSFER_BYTES);
        }
        scratch.clear();
        int start = HotFrames.begin(scratch, Connection.CHANNEL, Code.TRANSFER);
        int list = HotFrames.beginList(scratch);
        HotFrames.uint(scratch, handle);
        HotFrames.uint(scratch, deliveryId);
        scratch.put((byte) Type.VBIN8).put((byte) 4).putInt(deliveryId);
        scratch.put((byte) Type.UINT0);
        scratch.put((byte) (settled ? Type.TRUE : Type.FALSE));
        HotFrames.endList(scratch, list, 5);
        scratch.put(message);
        HotFrames.end(scratch, start);
        session.transferSent();
        write(scratch);
        while (!settled) {
            Disposition disposition = await(Disposition.class);
            int first = disposition.getFirst().intValue();
            int last = disposition.getLast() == null
                    ? first
                    : disposition.getLast().intValue();
            if (disposition.getRole() == Role.RECEIVER && first <= deliveryId && deliveryId <= last) {
                if (!(disposition.getState() instanceof Accepted)) {
                    throw new BrokerFailure(url + " answered " + disposition.getState());
                }
                return;
            }
        }
    }

    /** The next message of any receiving link, encoded; accepted. */
    public ByteBuffer receive() throws IOException {
        Arrived next = arrived.poll();
        if (next == null) {
            Transfer awaited = await(Transfer.class);
            next = new Arrived(awaited, frame);
        }
        Transfer transfer = next.transfer();
        if (transfer.getMore()) {
            throw new BrokerFailure(url + " cut a message that was to fit one frame");
        }
        session.transferReceived();
        Receiving link = receiving.get(transfer.getHandle().intValue());
        if (link == null) {
            throw new BrokerFailure(url + " sent a transfer for a handle that is not attached");
        }
        if (!Boolean.TRUE.equals(transfer.getSettled())) {
            int id = transfer.getDeliveryId().intValue();
            HotFrames.accept(scratch.clear(), Connection.CHANNEL, id, id);
            write(scratch);
        }
        link.deliveryCount++;
        if (--link.left <= link.credit / 2) {
            link.left = link.credit;
            flow(link);
        }
        return next.message();
    }

    /** Closes a link; the handle of the newest one is then used again. */
    public void detach(int handle) throws IOException {
        var detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(handle));
        detach.setClosed(true);
        write(detach);
        nextHandle -= handle == nextHandle - 1 ? 1 : 0;
        Detach answer = awaitAny(Detach.class);
        if (answer.getError() != null) {
            throw ended("link", answer.getError());
        }
    }

    /** Tells the broker that we are still there (AMQP 1.0 §2.4.5). */
    public void keepAlive() throws IOException {
        HotFrames.empty(scratch.clear());
        write(scratch);
    }

    private void flow(Receiving link) throws IOException {
        HotFrames.flow(scratch.clear(), Connection.CHANNEL, session, link.handle, link.deliveryCount, link.left, false);
        write(scratch);
    }

    private void write(Object performative) throws IOException {
        out.write(performatives.frame(Connection.CHANNEL, performative));
    }

    private void write(ByteBuffer frames) throws IOException {
        out.write(frames.array(), frames.arrayOffset(), frames.position());
    }

    private <T> T await(Class<T> type) throws IOException {
        T performative = awaitAny(type);
        if (performative instanceof Detach detach) {
            throw ended("link", detach.getError());
        }
        return performative;
    }

    private <T> T awaitAny(Class<T> type) throws IOException {
        try {
            while (true) {
                Object performative = read();
                if (type.isInstance(performative)) {
                    return type.cast(performative);
                } else if (performative instanceof Transfer transfer) {
                    arrived.add(new Arrived(transfer, frame));
                } else if (performative instanceof Detach detach) {
                    throw ended("link", detach.getError());
                } else if (performative instanceof End end) {
                    throw ended("session", end.getError());
                } else if (performative instanceof Close close) {
                    throw ended("connection", close.getError());
                }
            }
        } catch (InterruptedIOException e) {
            throw new BrokerFailure(url + " sent no " + type.getSimpleName() + " in time");
        }
    }

    /** The next performative; {@link #frame} is then what follows it. Empty frames are passed over. */
    private Object read() throws IOException {
        while (true) {
            int size = in.readInt();
            if (size < 8 || size > Handshake.MAX_FRAME_BYTES) {
                throw new BrokerFailure(url + " sent a frame of " + Integer.toUnsignedLong(size) + " bytes");
            }
            var bytes = new byte[size - 4];
            in.readFully(bytes);
            int body = (bytes[0] & 0xff) * 4 - 4;
            if (body < bytes.length) {
                frame = ByteBuffer.wrap(bytes).position(body);
                Object performative = performatives.read(frame);
                if (performative instanceof Flow flow && flow.getNextIncomingId() != null) {
                    session.flow(
                            flow.getNextIncomingId().intValue(),
                            flow.getIncomingWindow().intValue(),
                            flow.getNextOutgoingId().intValue());
                }
                return performative;
            }
        }
    }

    private BrokerFailure ended(String what, @Nullable ErrorCondition error) {
        return Session.ended(url + ": the broker ended the " + what, error);
    }

    @Override
    public void close() {
        try (channel) {
            out.write(performatives.frame(Connection.CHANNEL, new Close()));
        } catch (IOException gone) {
            // What was to be found out is found out: a broker that closed first changes nothing.
        }
    }
}
