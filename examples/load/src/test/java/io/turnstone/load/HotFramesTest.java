package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Hand-written frames")
class HotFramesTest {

    private final Performatives proton = new Performatives();
    private final Random random = new Random(42);
    private final ByteBuffer out = ByteBuffer.allocate(HotFrames.MAX_BYTES);

    @Test
    void acceptARangeInProtonsEyes() {
        for (int i = 0; i < 1000; i++) {
            int first = anyUint();
            int last = first + random.nextInt(100);
            HotFrames.accept(out.clear(), 7, first, last);

            Disposition read = read(Disposition.class);
            assertThat(read.getRole()).isEqualTo(Role.RECEIVER);
            assertThat(read.getFirst().intValue()).isEqualTo(first);
            assertThat(read.getLast().intValue()).isEqualTo(last);
            assertThat(read.getSettled()).isTrue();
            assertThat(read.getState()).isEqualTo(Accepted.getInstance());
        }
    }

    @Test
    void settleAsSenderInProtonsEyes() {
        HotFrames.settle(out.clear(), 7, 3, 400);

        Disposition read = read(Disposition.class);
        assertThat(read.getRole()).isEqualTo(Role.SENDER);
        assertThat(read.getFirst().intValue()).isEqualTo(3);
        assertThat(read.getLast().intValue()).isEqualTo(400);
        assertThat(read.getSettled()).isTrue();
        assertThat(read.getState()).isNull();
    }

    @Test
    void grantCreditInProtonsEyes() {
        for (int i = 0; i < 1000; i++) {
            var session = new SessionState();
            int nextIncomingId = anyUint();
            int deliveryCount = anyUint();
            int credit = random.nextInt(Integer.MAX_VALUE);
            boolean drain = random.nextBoolean();
            session.begun(nextIncomingId, 1);
            HotFrames.flow(out.clear(), 7, session, 300, deliveryCount, credit, drain);

            Flow read = read(Flow.class);
            assertThat(read.getNextIncomingId().intValue()).isEqualTo(nextIncomingId);
            assertThat(read.getIncomingWindow().intValue()).isEqualTo(SessionState.INCOMING_WINDOW);
            assertThat(read.getNextOutgoingId().intValue()).isZero();
            assertThat(read.getHandle().intValue()).isEqualTo(300);
            assertThat(read.getDeliveryCount().intValue()).isEqualTo(deliveryCount);
            assertThat(read.getLinkCredit().intValue()).isEqualTo(credit);
            assertThat(read.getDrain()).isEqualTo(drain);
        }
    }

    @Test
    void tellTheSessionAloneWithoutAHandle() {
        HotFrames.flow(out.clear(), 7, new SessionState(), -1, 0, 0, false);

        assertThat(read(Flow.class).getHandle()).isNull();
    }

    @Test
    void keepAliveWithAnEmptyFrame() {
        HotFrames.empty(out.clear());

        assertThat(out.position()).isEqualTo(8);
        assertThat(out.getInt(0)).isEqualTo(8);
        assertThat(out.get(4)).as("doff").isEqualTo((byte) 2);
    }

    /** Small, large and "negative" ones: each has an encoding of its own. */
    private int anyUint() {
        return random.nextInt() >> random.nextInt(32);
    }

    private <T> T read(Class<T> type) {
        assertThat(out.getInt(0)).as("frame size").isEqualTo(out.position());
        assertThat(out.getShort(6)).as("channel").isEqualTo((short) 7);
        return type.cast(proton.read(out.flip().position(8)));
    }
}
