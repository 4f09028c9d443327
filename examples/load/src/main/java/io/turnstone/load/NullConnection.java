package io.turnstone.load;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.jspecify.annotations.Nullable;

/** One connection of the {@link NullServer}, with one session and one link. Owned by its event loop. */
final class NullConnection {

    private static final int PROTOCOL = 0x414d5150;
    private static final int ROOM = 8 * 1024;

    /** More than any measurement sends. */
    private static final int ENDLESS = 1 << 30;

    private final NetSocket socket;
    private final Map<String, NullConnection> consumers;
    private final Performatives performatives;
    private final Fields fields = new Fields();
    private final SessionState session = new SessionState();
    private ByteBuffer in = ByteBuffer.allocate(ROOM);
    private ByteBuffer out = ByteBuffer.allocate(ROOM);
    private String address = "";
    private @Nullable NullConnection consumer;

    NullConnection(NetSocket socket, Map<String, NullConnection> consumers, Performatives performatives) {
        this.performatives = performatives;
        this.socket = socket;
        this.consumers = consumers;
    }

    void start() {
        socket.handler(this::read);
        socket.closeHandler(closed -> consumers.remove(address, this));
        socket.exceptionHandler(failure -> socket.close());
    }

    private void read(Buffer chunk) {
        in = withRoom(in, chunk.length());
        chunk.getBytes(in.array(), in.arrayOffset() + in.position());
        in.position(in.position() + chunk.length());
        int at = 0;
        int end = in.position();
        while (end - at >= 8) {
            boolean header = in.getInt(at) == PROTOCOL;
            int size = header ? 8 : in.getInt(at);
            if (end - at < size) {
                break;
            }
            if (header) {
                header(at);
            } else {
                frame(at, size);
            }
            at += size;
        }
        in.limit(end).position(at);
        in.compact();
        endTurn();
    }

    private void endTurn() {
        if (session.anyToAccept()) {
            out = withRoom(out, HotFrames.MAX_BYTES);
            HotFrames.accept(out, Connection.CHANNEL, session.firstToAccept(), session.lastToAccept());
            session.accepted();
        }
        flush();
        NullConnection to = consumer;
        if (to != null) {
            to.flush();
            if (to.socket.writeQueueFull()) {
                socket.pause();
                to.socket.drainHandler(drained -> socket.resume());
            }
        }
    }

    private void flush() {
        if (out.position() > 0) {
            socket.write(Buffer.buffer(out.position()).appendBytes(out.array(), out.arrayOffset(), out.position()));
            out.clear();
        }
    }

    private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
        return buffer.remaining() >= bytes
                ? buffer
                : ByteBuffer.allocate(Math.max(buffer.capacity() * 2, buffer.position() + bytes))
                        .put(buffer.flip());
    }

    private void header(int at) {
        put(in, at, 8);
        if (in.get(at + 4) != 0) {
            var mechanisms = new SaslMechanisms();
            mechanisms.setSaslServerMechanisms(Symbol.valueOf("PLAIN"), Symbol.valueOf("ANONYMOUS"));
            put(performatives.saslFrame(mechanisms));
        }
    }

    private void frame(int at, int size) {
        int body = at + (in.get(at + 4) & 0xff) * 4;
        if (body == at + size) {
            return;
        }
        int code = Fields.descriptor(in, body);
        if (code == Code.TRANSFER) {
            transfer(at, size, body);
        } else if (code != Code.FLOW && code != Code.DISPOSITION) {
            rare(performatives.read(in.duplicate().limit(at + size).position(body)));
        }
    }

    private void transfer(int at, int size, int body) {
        fields.open(in, body);
        fields.skip();
        boolean begins = fields.present();
        int deliveryId = fields.uint(0);
        fields.skip();
        fields.skip();
        if (!fields.bool() && begins) {
            session.toAccept(deliveryId);
        }
        NullConnection to = consumer;
        if (to == null) {
            consumer = consumers.get(address);
            to = consumer;
        }
        if (to != null) {
            to.put(in, at, size);
        }
    }

    private void rare(Object performative) {
        if (performative instanceof SaslInit) {
            var outcome = new SaslOutcome();
            outcome.setCode(SaslCode.OK);
            put(performatives.saslFrame(outcome));
        } else if (performative instanceof Open) {
            var open = new Open();
            open.setContainerId("null");
            open.setMaxFrameSize(UnsignedInteger.valueOf(Handshake.MAX_FRAME_BYTES));
            put(performatives.frame(0, open));
        } else if (performative instanceof Begin) {
            var begin = new Begin();
            begin.setRemoteChannel(UnsignedShort.valueOf((short) 0));
            begin.setNextOutgoingId(UnsignedInteger.ZERO);
            begin.setIncomingWindow(UnsignedInteger.valueOf(Integer.MAX_VALUE));
            begin.setOutgoingWindow(UnsignedInteger.valueOf(Integer.MAX_VALUE));
            put(performatives.frame(0, begin));
        } else if (performative instanceof Attach attach) {
            attach(attach);
        } else if (performative instanceof Close) {
            put(performatives.frame(0, new Close()));
            flush();
            socket.close();
        }
    }

    private void attach(Attach attach) {
        boolean sends = attach.getRole() == Role.SENDER;
        if (sends && attach.getTarget() instanceof Target target) {
            address = String.valueOf(target.getAddress());
        } else if (attach.getSource() instanceof Source source) {
            address = String.valueOf(source.getAddress());
            consumers.put(address, this);
        }
        attach.setRole(sends ? Role.RECEIVER : Role.SENDER);
        attach.setInitialDeliveryCount(sends ? null : UnsignedInteger.ZERO);
        put(performatives.frame(Connection.CHANNEL, attach));
        if (sends) {
            out = withRoom(out, HotFrames.MAX_BYTES);
            HotFrames.flow(out, Connection.CHANNEL, session, attach.getHandle().intValue(), 0, ENDLESS, false);
        }
    }

    private void put(byte[] bytes) {
        out = withRoom(out, bytes.length).put(bytes);
    }

    private void put(ByteBuffer from, int at, int size) {
        out = withRoom(out, size).put(from.array(), from.arrayOffset() + at, size);
    }
}
