package io.turnstone.amqp.rehearsal;

import io.turnstone.amqp.codec.PerformativeCodec;
import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.amqp.codec.ProtonCodec;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/** The client of a rehearsal, which says what most clients say. Blocks; used by one thread. */
public final class RehearsalPeer {

    private static final int AMQP = 0;
    private static final int SASL = 1;
    private static final int FRAME_HEADER = 8;
    private static final String QUEUE = "rehearsal";
    private static final UnsignedInteger SENDER = UnsignedInteger.ONE;
    private static final UnsignedInteger RECEIVER = UnsignedInteger.ZERO;
    private static final UnsignedInteger WINDOW = UnsignedInteger.valueOf(100);

    private final DataInputStream in;
    private final OutputStream out;
    private int sent;

    public RehearsalPeer(Socket socket) throws IOException {
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Sends two messages and takes one, so that another start finds one. */
    public void passOn() throws IOException {
        introduce();
        boolean taken = false;
        boolean kept = false;
        while (!taken || !kept) {
            switch (PerformativeCodec.kind(frame())) {
                case PerformativeCodec.FLOW -> {
                    send();
                    send();
                }
                case PerformativeCodec.TRANSFER -> {
                    var accepted = new Disposition();
                    accepted.setRole(Role.RECEIVER);
                    accepted.setFirst(UnsignedInteger.ZERO);
                    accepted.setSettled(true);
                    accepted.setState(Accepted.getInstance());
                    write(AMQP, accepted);
                    taken = true;
                }
                case PerformativeCodec.DISPOSITION -> kept = true;
                case PerformativeCodec.CLOSE -> throw new IOException("the connection was refused");
                default -> {} // answers to what was opened
            }
        }
        write(AMQP, new Close());
        int kind;
        do {
            kind = PerformativeCodec.kind(frame());
        } while (kind != PerformativeCodec.CLOSE);
    }

    private void introduce() throws IOException {
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf("ANONYMOUS"));
        write(ProtocolHeader.SASL);
        in.skipNBytes(ProtocolHeader.LENGTH);
        frame();
        write(SASL, init);
        frame();
        write(ProtocolHeader.AMQP);
        in.skipNBytes(ProtocolHeader.LENGTH);
        var open = new Open();
        open.setContainerId("rehearsal");
        write(AMQP, open);
        var begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(WINDOW);
        begin.setOutgoingWindow(WINDOW);
        write(AMQP, begin);
        attach(RECEIVER, Role.RECEIVER);
        var credit = new Flow();
        credit.setNextIncomingId(UnsignedInteger.ZERO);
        credit.setIncomingWindow(WINDOW);
        credit.setNextOutgoingId(UnsignedInteger.ZERO);
        credit.setOutgoingWindow(WINDOW);
        credit.setHandle(RECEIVER);
        credit.setDeliveryCount(UnsignedInteger.ZERO);
        credit.setLinkCredit(UnsignedInteger.ONE);
        write(AMQP, credit);
        attach(SENDER, Role.SENDER);
    }

    private void attach(UnsignedInteger handle, Role role) throws IOException {
        var attach = new Attach();
        attach.setName(role.name());
        attach.setHandle(handle);
        attach.setRole(role);
        var source = new Source();
        var target = new Target();
        if (role == Role.SENDER) {
            target.setAddress(QUEUE);
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        } else {
            source.setAddress(QUEUE);
        }
        attach.setSource(source);
        attach.setTarget(target);
        write(AMQP, attach);
    }

    private void send() throws IOException {
        var transfer = new Transfer();
        transfer.setHandle(SENDER);
        transfer.setDeliveryId(UnsignedInteger.valueOf(sent));
        transfer.setDeliveryTag(new Binary(new byte[] {(byte) sent}));
        sent++;
        var header = new Header();
        header.setDurable(true);
        write(AMQP, transfer, header, new Data(new Binary(new byte[] {'x'})));
    }

    private void write(ProtocolHeader header) throws IOException {
        var bytes = ByteBuffer.allocate(ProtocolHeader.LENGTH);
        header.write(bytes);
        out.write(bytes.array());
    }

    private void write(int type, Object... values) throws IOException {
        var frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[FRAME_HEADER]);
        for (Object value : values) {
            ByteBuffer encoded = ProtonCodec.encode(value, 0);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            frame.writeBytes(bytes);
        }
        byte[] whole = frame.toByteArray();
        ByteBuffer.wrap(whole).putInt(whole.length).put((byte) 2).put((byte) type);
        out.write(whole);
    }

    /** What the next frame carries. */
    private ByteBuffer frame() throws IOException {
        byte[] frame = new byte[in.readInt() - Integer.BYTES];
        in.readFully(frame);
        return ByteBuffer.wrap(frame, FRAME_HEADER - Integer.BYTES, frame.length - FRAME_HEADER + Integer.BYTES);
    }
}
