package io.turnstone.load;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/**
 * As much of a broker as one producer and one consumer on two connections need: hands the transfer frames of
 * the one to the other as they are, except the deliveries that it was told to lose, repeat or hold back.
 */
final class FakeBroker implements AutoCloseable {

    private final ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
    private final CompletableFuture<OutputStream> consumer = new CompletableFuture<>();
    private final int maxFrameBytes;
    private final Thread acceptor;

    int lose = -1;
    int repeat = -1;
    int holdBack = -1;

    FakeBroker(int maxFrameBytes) throws IOException {
        this.maxFrameBytes = maxFrameBytes;
        acceptor = start(this::acceptAll);
    }

    String url() {
        return "amqp://guest:guest@127.0.0.1:" + server.getLocalPort();
    }

    private static Thread start(Action action) {
        var thread = new Thread(() -> {
            try {
                action.run();
            } catch (Exception closed) {
                // The run under test is over, or it fails for want of an answer.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private interface Action {
        void run() throws Exception;
    }

    private void acceptAll() throws IOException {
        while (true) {
            Socket socket = server.accept();
            start(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws Exception {
        var proton = new Performatives();
        var in = new DataInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        out.write(in.readNBytes(8));
        var mechanisms = new SaslMechanisms();
        mechanisms.setSaslServerMechanisms(Symbol.valueOf("PLAIN"));
        out.write(proton.saslFrame(mechanisms));
        read(in, proton);
        var outcome = new SaslOutcome();
        outcome.setCode(SaslCode.OK);
        out.write(proton.saslFrame(outcome));
        out.write(in.readNBytes(8));
        read(in, proton);
        var open = new Open();
        open.setContainerId("fake");
        open.setMaxFrameSize(UnsignedInteger.valueOf(maxFrameBytes));
        out.write(proton.frame(0, open));
        read(in, proton);
        var begin = new Begin();
        begin.setRemoteChannel(UnsignedShort.valueOf((short) 0));
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(Integer.MAX_VALUE));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(Integer.MAX_VALUE));
        out.write(proton.frame(0, begin));
        link(in, out, proton);
    }

    private void link(DataInputStream in, OutputStream out, Performatives proton) throws Exception {
        attached((Attach) read(in, proton), 0, in, out, proton);
    }

    private void attached(Attach attach, int deliveries, DataInputStream in, OutputStream out, Performatives proton)
            throws IOException {
        boolean sends = attach.getRole() == Role.SENDER;
        attach.setRole(sends ? Role.RECEIVER : Role.SENDER);
        attach.setInitialDeliveryCount(sends ? null : UnsignedInteger.ZERO);
        out.write(proton.frame(0, attach));
        if (sends) {
            ByteBuffer frame = ByteBuffer.allocate(HotFrames.MAX_BYTES);
            HotFrames.flow(frame, 0, new SessionState(), 0, 0, 1 << 30, false);
            out.write(frame.array(), 0, frame.position());
            relay(deliveries, in, out, proton);
        } else {
            consumer.complete(out);
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** Whoever sends when nobody receives sends into nothing. */
    private void relay(int deliveries, DataInputStream in, OutputStream out, Performatives proton) throws IOException {
        List<byte[]> held = new ArrayList<>();
        int delivery = deliveries;
        while (true) {
            byte[] frame = frame(in);
            Object performative = frame.length == 8 ? frame : decode(frame, proton);
            if (performative instanceof Detach) {
                out.write(frame);
            } else if (performative instanceof Attach attach) {
                attached(attach, delivery, in, out, proton);
                return;
            }
            if (!(performative instanceof Transfer transfer)) {
                continue;
            }
            OutputStream to = consumer.getNow(OutputStream.nullOutputStream());
            int copies = delivery == lose ? 0 : delivery == repeat ? 2 : 1;
            if (delivery == holdBack) {
                held.add(frame);
                copies = 0;
            }
            for (int i = 0; i < copies; i++) {
                to.write(frame);
            }
            if (!transfer.getMore()) {
                if (delivery == holdBack + 1) {
                    for (byte[] late : held) {
                        to.write(late);
                    }
                    held.clear();
                }
                if (!transfer.getSettled()) {
                    ByteBuffer answer = ByteBuffer.allocate(HotFrames.MAX_BYTES);
                    HotFrames.accept(answer, 0, delivery, delivery);
                    out.write(answer.array(), 0, answer.position());
                }
                delivery++;
            }
        }
    }

    private static Object read(DataInputStream in, Performatives proton) throws IOException {
        return decode(frame(in), proton);
    }

    private static Object decode(byte[] frame, Performatives proton) {
        return proton.read(ByteBuffer.wrap(frame, 8, frame.length - 8));
    }

    private static byte[] frame(DataInputStream in) throws IOException {
        int size = in.readInt();
        var frame = ByteBuffer.allocate(size).putInt(size);
        in.readFully(frame.array(), 4, size - 4);
        return frame.array();
    }

    /** From then on connections are refused: while somebody waits to accept one, the kernel takes another. */
    @Override
    public void close() throws IOException {
        server.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
