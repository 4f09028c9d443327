package io.turnstone.load;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;

/**
 * A sending link: numbers its messages and sends as many as phase, rate, window and credit allow. Owned by one
 * connection.
 */
final class Producer implements Link {

    private final int number;
    private final int handle;
    private final String address;
    private final Plan.Messages messages;
    private final MessageTemplate template;
    private final long run;
    private final Tally tally;

    private int credit;
    private int deliveryCount;
    private boolean drained;
    private int inFlight;
    private long sequence;
    private int frame;

    private Phase phase = Phase.NONE;
    private long sentInPhase;

    Producer(int number, int handle, Plan plan, long run, int maxFrameBytes, Tally tally) {
        this.number = number;
        this.handle = handle;
        this.address = plan.links().target(number);
        this.messages = plan.messages();
        this.template = new MessageTemplate(messages, Connection.CHANNEL, handle, maxFrameBytes);
        this.run = run;
        this.tally = tally;
    }

    @Override
    public String name() {
        return "producer-" + number;
    }

    @Override
    public Attach attach() {
        var source = new Source();
        source.setOutcomes(
                Symbol.valueOf("amqp:accepted:list"),
                Symbol.valueOf("amqp:rejected:list"),
                Symbol.valueOf("amqp:released:list"),
                Symbol.valueOf("amqp:modified:list"));
        var target = new Target();
        target.setAddress(address.isEmpty() ? null : address);
        var attach = new Attach();
        attach.setName(name());
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(Role.SENDER);
        attach.setSndSettleMode(messages.settled() ? SenderSettleMode.SETTLED : SenderSettleMode.UNSETTLED);
        attach.setRcvSettleMode(ReceiverSettleMode.FIRST);
        attach.setSource(source);
        attach.setTarget(target);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        return attach;
    }

    @Override
    public void attached(Attach reply) {}

    void begin(Phase next) {
        phase = next;
        sentInPhase = 0;
    }

    /** Whether all of the phase is written. */
    boolean done(long nowNanos) {
        return frame == 0 && (sentInPhase == phase.share(number) || phase.over(nowNanos));
    }

    /** The broker's flow for this link (AMQP 1.0 §2.6.7). */
    void flow(int peerDeliveryCount, int linkCredit, boolean drain) {
        credit = peerDeliveryCount + linkCredit - deliveryCount;
        if (drain && credit > 0 && frame == 0) {
            deliveryCount += credit;
            credit = 0;
            drained = true;
        }
    }

    void answerFlow(ByteBuffer out, SessionState session) {
        HotFrames.flow(out, Connection.CHANNEL, session, handle, deliveryCount, credit, drained);
        drained = false;
    }

    boolean owesDrainAnswer() {
        return drained;
    }

    void settled(boolean accepted, long sinceNanos, long nowNanos) {
        inFlight--;
        tally.settled++;
        if (!accepted) {
            tally.refused++;
        }
        if (phase.measured()) {
            tally.settling.add(nowNanos);
            tally.confirm.recordValue(Math.max(0, nowNanos - sinceNanos));
        }
    }

    /**
     * Writes messages until something ends them.
     *
     * @param limit the position in {@code out} from which on no new frame begins
     * @return whether only {@code out} ended it
     */
    boolean fill(ByteBuffer out, int limit, long nowNanos, SessionState session, Unsettled unsettled) {
        while (true) {
            if (!session.mayTransfer() || (frame == 0 && !mayBegin(nowNanos, session, unsettled))) {
                return false;
            }
            if (out.position() >= limit || out.remaining() < template.frameBytes(frame) + HotFrames.MAX_BYTES) {
                return true;
            }
            if (frame == 0) {
                beginMessage(nowNanos, session, unsettled);
            }
            template.copy(frame, out);
            session.transferSent();
            if (++frame == template.frames()) {
                frame = 0;
                deliveryCount++;
                credit--;
            }
        }
    }

    private boolean mayBegin(long nowNanos, SessionState session, Unsettled unsettled) {
        return credit > 0
                && (messages.settled() || (inFlight < messages.window() && unsettled.hasRoom(session.nextDeliveryId())))
                && !done(nowNanos)
                && dueNanos(nowNanos) <= nowNanos;
    }

    private long dueNanos(long nowNanos) {
        return phase.rate() == 0 ? nowNanos : phase.dueNanos(number, sentInPhase);
    }

    private void beginMessage(long nowNanos, SessionState session, Unsettled unsettled) {
        long due = dueNanos(nowNanos);
        int deliveryId = session.takeDeliveryId();
        template.stamp(deliveryId, run, number, phase.number(), sequence++, due);
        if (!messages.settled()) {
            unsettled.add(deliveryId, this, nowNanos);
            inFlight++;
        }
        sentInPhase++;
        tally.sent++;
        if (phase.measured()) {
            tally.sending.add(nowNanos);
            if (phase.rate() > 0) {
                tally.late.recordValue(nowNanos - due);
            }
        }
    }
}
