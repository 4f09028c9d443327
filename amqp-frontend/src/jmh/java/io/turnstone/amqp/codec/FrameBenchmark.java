package io.turnstone.amqp.codec;

import io.turnstone.amqp.message.Messages;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The frames of the hot path, one each, beside Proton-J's codec on the same bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameBenchmark {

    private static final int FRAME_HEADER = 8;
    private static final int MAX_FRAME = 1 << 16;

    private final PerformativeCodec codec = new PerformativeCodec();
    private final TransferFrame transfer = new TransferFrame();
    private final FlowFrame flow = new FlowFrame(codec);
    private final DispositionFrame disposition = new DispositionFrame(codec);
    private final FrameReader reader = new FrameReader(MAX_FRAME);
    private final FrameSink transfers = new Transfers();
    private final ByteBuffer room = ByteBuffer.allocateDirect(MAX_FRAME);
    private final Output out = atLeast -> room.clear();

    private final ByteBuffer transferFrame = framed(Proton.encode(aTransfer()), Messages.data(100));
    private final ByteBuffer flowBytes = copy(Proton.encode(aFlow()));
    private final ByteBuffer dispositionBytes = copy(Proton.encode(aDisposition()));
    private final Flow protonFlow = aFlow();
    private final Disposition protonDisposition = aDisposition();

    private int seen;

    private final class Transfers implements FrameSink {

        @Override
        public void frame(int type, int channel, ByteBuffer body) {
            seen += PerformativeCodec.kind(body);
            transfer.decode(body);
            seen += transfer.deliveryId + body.remaining();
        }

        @Override
        public void heartbeat() {
            throw new IllegalStateException("there is no empty frame");
        }
    }

    /** Cuts a frame out of the bytes of a socket and decodes its transfer. */
    @Benchmark
    public int transferDecode() {
        reader.next(transferFrame.rewind(), transfers);
        return seen;
    }

    /** Without the frame around it. */
    @Benchmark
    public Object transferDecodeProtonJ() {
        return Proton.decode(transferFrame.position(FRAME_HEADER));
    }

    /** Decodes a flow. */
    @Benchmark
    public long flowDecode() {
        flow.decode(flowBytes.rewind());
        return flow.linkCredit;
    }

    /** The same. */
    @Benchmark
    public Object flowDecodeProtonJ() {
        return Proton.decode(flowBytes.rewind());
    }

    /** Decodes a disposition of a range. */
    @Benchmark
    public Object dispositionDecode() {
        disposition.decode(dispositionBytes.rewind());
        return disposition.state();
    }

    /** The same. */
    @Benchmark
    public Object dispositionDecodeProtonJ() {
        return Proton.decode(dispositionBytes.rewind());
    }

    /** Encodes a frame with a flow. */
    @Benchmark
    public int flowEncode() {
        flow.encode(1, out);
        return room.position();
    }

    /** With our frame around it. */
    @Benchmark
    public int flowEncodeProtonJ() {
        codec.encode(1, protonFlow, out);
        return room.position();
    }

    /** Encodes a frame with a disposition. */
    @Benchmark
    public int dispositionEncode() {
        disposition.encode(1, true, 100_000, 100_100, true, Accepted.getInstance(), out);
        return room.position();
    }

    /** With our frame around it. */
    @Benchmark
    public int dispositionEncodeProtonJ() {
        codec.encode(1, protonDisposition, out);
        return room.position();
    }

    private static Transfer aTransfer() {
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.valueOf(3));
        transfer.setDeliveryId(UnsignedInteger.valueOf(100_000));
        transfer.setDeliveryTag(new Binary(new byte[] {1, 2, 3, 4}));
        transfer.setMessageFormat(UnsignedInteger.ZERO);
        transfer.setSettled(false);
        return transfer;
    }

    private static Flow aFlow() {
        var flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.valueOf(100_000));
        flow.setIncomingWindow(UnsignedInteger.valueOf(2048));
        flow.setNextOutgoingId(UnsignedInteger.valueOf(1));
        flow.setOutgoingWindow(UnsignedInteger.valueOf(2048));
        flow.setHandle(UnsignedInteger.valueOf(3));
        flow.setDeliveryCount(UnsignedInteger.valueOf(100_000));
        flow.setLinkCredit(UnsignedInteger.valueOf(1000));
        return flow;
    }

    private static Disposition aDisposition() {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(100_000));
        disposition.setLast(UnsignedInteger.valueOf(100_100));
        disposition.setSettled(true);
        disposition.setState(Accepted.getInstance());
        return disposition;
    }

    private static ByteBuffer framed(ByteBuffer performative, byte[] payload) {
        int size = FRAME_HEADER + performative.remaining() + payload.length;
        ByteBuffer frame = ByteBuffer.allocateDirect(size).putInt(size).putInt(0x0200_0001);
        return frame.put(performative).put(payload).flip();
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }
}
