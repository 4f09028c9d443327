package io.turnstone.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;

/** A receiving link: checks and counts what arrives and keeps its credit up. Owned by one connection. */
final class Consumer implements Link {

    private final int number;
    private final int handle;
    private final Plan plan;
    private final long run;
    private final Tally tally;
    private final SequenceLog log;
    private final int priorities;
    private final byte[] expected;
    private final byte[] body;

    private long[] lastSequence = new long[0];
    private int deliveryCount;
    private int creditLeft;
    private ByteBuffer partial = ByteBuffer.allocate(0);
    private int deliveryId;
    private boolean settled;
    private boolean inside;

    /** @param log of this consumer alone, or of all that share a queue on one loop */
    Consumer(int number, int handle, Plan plan, long run, Tally tally, SequenceLog log) {
        this.number = number;
        this.handle = handle;
        this.plan = plan;
        this.run = run;
        this.tally = tally;
        this.log = log;
        this.priorities = plan.messages().envelope().priorities();
        this.expected = Stamp.fill(plan.messages().bytes());
        this.body = new byte[expected.length];
    }

    @Override
    public String name() {
        return "consumer-" + number;
    }

    @Override
    public Attach attach() {
        var source = new Source();
        source.setAddress(plan.source(number));
        source.setOutcomes(
                Symbol.valueOf("amqp:accepted:list"),
                Symbol.valueOf("amqp:rejected:list"),
                Symbol.valueOf("amqp:released:list"),
                Symbol.valueOf("amqp:modified:list"));
        var attach = new Attach();
        attach.setName(name());
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(Role.RECEIVER);
        attach.setSndSettleMode(
                plan.messages().receivedSettled() ? SenderSettleMode.SETTLED : SenderSettleMode.UNSETTLED);
        attach.setRcvSettleMode(ReceiverSettleMode.FIRST);
        attach.setSource(source);
        attach.setTarget(new Target());
        return attach;
    }

    @Override
    public void attached(Attach reply) {
        UnsignedInteger initial = reply.getInitialDeliveryCount();
        deliveryCount = initial == null ? 0 : initial.intValue();
    }

    /** Whether half the credit or more is used up: time for a flow. */
    boolean owesCredit() {
        return creditLeft <= plan.links().credit() / 2;
    }

    void grantCredit(ByteBuffer out, SessionState session) {
        creditLeft = plan.links().credit();
        answerFlow(out, session);
    }

    void answerFlow(ByteBuffer out, SessionState session) {
        HotFrames.flow(out, Connection.CHANNEL, session, handle, deliveryCount, creditLeft, false);
    }

    /** Whether a delivery has begun and not ended. */
    boolean inside() {
        return inside;
    }

    /** A delivery begins; {@link #transfer} brings its parts. */
    void begin(int id) {
        deliveryId = id;
        settled = false;
        partial.clear();
    }

    int deliveryId() {
        return deliveryId;
    }

    /** Whether the delivery is complete and the broker waits for its outcome. */
    boolean owesAcceptance() {
        return !inside && !settled;
    }

    /** The part of a message in one transfer frame; the part without {@code more} completes it. */
    void transfer(ByteBuffer in, int from, int to, boolean settledHere, boolean more, boolean aborted, long nowNanos) {
        settled |= settledHere || aborted;
        boolean whole = !inside && !more;
        inside = more && !aborted;
        if (!aborted && !whole) {
            append(in, from, to);
        }
        if (inside) {
            return;
        }
        deliveryCount++;
        creditLeft--;
        if (!aborted) {
            receive(whole ? in : partial, whole ? from : 0, whole ? to : partial.position(), nowNanos);
        }
    }

    private void append(ByteBuffer in, int from, int to) {
        int length = to - from;
        if (partial.remaining() < length) {
            int capacity = Math.max(partial.capacity() * 2, partial.position() + length);
            partial = ByteBuffer.allocate(capacity).put(partial.flip());
        }
        partial.put(partial.position(), in, from, length);
        partial.position(partial.position() + length);
    }

    private void receive(ByteBuffer in, int from, int to, long nowNanos) {
        int at = Stamp.find(in, from, to);
        if (at < 0 || (plan.links().producers() > 0 && in.getLong(at + Stamp.RUN) != run)) {
            tally.foreign++;
            return;
        }
        int producer = in.getInt(at + Stamp.PRODUCER);
        long sequence = in.getLong(at + Stamp.SEQUENCE);
        if (!SequenceLog.plausible(producer, sequence) || (plan.messages().verify() && !intact(in, at, to))) {
            tally.damaged++;
            return;
        }
        tally.received++;
        if (log.add(producer, sequence)) {
            checkOrder(producer * priorities + (int) (sequence % priorities), sequence);
        }
        if (plan.measures(in.getInt(at + Stamp.PHASE))) {
            tally.receiving.add(nowNanos);
            tally.latency.recordValue(Math.max(0, nowNanos - in.getLong(at + Stamp.DUE)));
        }
    }

    private boolean intact(ByteBuffer in, int at, int to) {
        if (to - at != expected.length) {
            return false;
        }
        in.get(at, body);
        return Arrays.equals(body, Stamp.BYTES, body.length, expected, Stamp.BYTES, expected.length);
    }

    /** A broker keeps the order of messages of one producer and one priority. */
    private void checkOrder(int line, long sequence) {
        if (line >= lastSequence.length) {
            int before = lastSequence.length;
            lastSequence = Arrays.copyOf(lastSequence, line + 1);
            Arrays.fill(lastSequence, before, lastSequence.length, -1);
        }
        if (sequence < lastSequence[line]) {
            tally.reordered++;
        } else {
            lastSequence[line] = sequence;
        }
    }
}
